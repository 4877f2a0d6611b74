/** The caller is gone: what is done for it ends, and nothing has failed. */
export class HungUpError extends Error {
  override readonly name = 'HungUpError';

  constructor() {
    super('the caller hung up');
  }
}
