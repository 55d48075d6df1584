/** Settings of the services of AWS. Credentials come from the chain that every program of AWS goes through. */
import { Specialty } from '@aws-sdk/client-transcribe';
import type { BucketSettings } from '../aws-transcribe/bucket.ts';
import type { CodeSettings } from '../comprehend-medical/code.ts';
import type { Environment } from '../environment.ts';
import type { AwsConnection } from './connection.ts';

export interface AwsSettings {
  readonly comprehendMedical?: { readonly connection: AwsConnection; readonly code: CodeSettings };
  readonly transcribe?: TranscribeMedicalSettings;
}

export interface TranscribeMedicalSettings {
  readonly connection: AwsConnection;
  readonly bucketConnection: AwsConnection;
  readonly bucket: BucketSettings;
  readonly specialty: Specialty;
  /** With it HealthScribe is there too. */
  readonly healthScribeRoleArn?: string;
}

export function awsSettings(env: Environment): AwsSettings {
  const region = env.text('AWS_REGION');
  const everywhere = env.url('AWS_ENDPOINT_URL', { tls: true });
  const connect = (own: string | undefined): AwsConnection => {
    const endpoint = own ?? everywhere;
    return { region: region ?? '', ...(endpoint === undefined ? {} : { endpoint }) };
  };
  const comprehend = env.choice('AI_COMPREHEND_MEDICAL', ['off', 'on']) === 'on';
  const code = {
    scoreMin: env.number('AI_COMPREHEND_MEDICAL_SCORE_MIN', 0.9, 0.5, 1),
    gapMin: env.number('AI_COMPREHEND_MEDICAL_GAP_MIN', 0.1, 0, 1),
    snomed: env.choice('AI_COMPREHEND_MEDICAL_SNOMED', ['off', 'on']) === 'on',
  };
  const comprehendUrl = env.url('AWS_ENDPOINT_URL_COMPREHENDMEDICAL', { tls: true });
  const transcribeUrl = env.url('AWS_ENDPOINT_URL_TRANSCRIBE', { tls: true });
  const bucketUrl = env.url('AWS_ENDPOINT_URL_S3', { tls: true });
  const bucket = bucketSettings(env);
  if (region === undefined && (comprehend || bucket !== undefined))
    env.fault('AWS_REGION is not set, while services of AWS are');
  return {
    ...(comprehend ? { comprehendMedical: { connection: connect(comprehendUrl), code } } : {}),
    ...(bucket === undefined
      ? {}
      : {
          transcribe: { connection: connect(transcribeUrl), bucketConnection: connect(bucketUrl), ...bucket },
        }),
  };
}

type Bucketed = Omit<TranscribeMedicalSettings, 'connection' | 'bucketConnection'>;

/** Undefined when AI_TRANSCRIBE_MEDICAL_BUCKET is not set. */
function bucketSettings(env: Environment): Bucketed | undefined {
  const name = env.text('AI_TRANSCRIBE_MEDICAL_BUCKET');
  const kmsKeyArn = arn(
    env,
    'AI_TRANSCRIBE_MEDICAL_KMS_KEY_ARN',
    env.text('AI_TRANSCRIBE_MEDICAL_KMS_KEY_ARN'),
    'kms',
  );
  const roleArn = arn(env, 'AI_HEALTHSCRIBE_ROLE_ARN', env.text('AI_HEALTHSCRIBE_ROLE_ARN'), 'iam');
  const [first = 'PRIMARYCARE', ...others] = Object.values(Specialty).toSorted((a) =>
    a === 'PRIMARYCARE' ? -1 : 1,
  );
  const specialty = env.choice('AI_TRANSCRIBE_MEDICAL_SPECIALTY', [first, ...others]);
  if (name === undefined) {
    if (kmsKeyArn !== undefined || roleArn !== undefined)
      env.fault('AI_TRANSCRIBE_MEDICAL_BUCKET is not set, while its key or the role of HealthScribe is');
    return undefined;
  }
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name))
    env.fault('AI_TRANSCRIBE_MEDICAL_BUCKET is not the name of a bucket');
  return {
    bucket: { name, ...(kmsKeyArn === undefined ? {} : { kmsKeyArn }) },
    specialty,
    ...(roleArn === undefined ? {} : { healthScribeRoleArn: roleArn }),
  };
}

function arn(env: Environment, name: string, value: string | undefined, service: string): string | undefined {
  if (value !== undefined && !new RegExp(`^arn:aws[\\w-]*:${service}:[\\w-]*:\\d{12}:\\S+$`).test(value))
    env.fault(`${name} is not an ARN of ${service}`);
  return value;
}
