/** What a request leaves for the audit: where it comes from, and which resources it got to see. */
export class Trail {
  readonly requestId: string | undefined;
  /** Network address of the caller. */
  readonly address: string | undefined;
  /** `Type/id` of resources whose content goes to the caller. */
  readonly disclosed: string[] = [];
  /** Writes have left their record in their transaction. */
  hasWritten = false;

  constructor(requestId?: string, address?: string) {
    this.requestId = requestId;
    this.address = address;
  }

  /** For an entry of a bundle, which is an access of its own. */
  fork(): Trail {
    return new Trail(this.requestId, this.address);
  }
}
