/** How services of AWS are reached: one attempt a call, credentials from the chain that every program of AWS goes through. */

export interface AwsConnection {
  readonly region: string;
  /** Of one service, instead of the public one: a VPC endpoint. */
  readonly endpoint?: string;
}

/** https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html */
export const clientConfig = ({
  region,
  endpoint,
}: AwsConnection): { region: string; endpoint?: string; maxAttempts: number } => ({
  region,
  maxAttempts: 1,
  ...(endpoint === undefined ? {} : { endpoint }),
});
