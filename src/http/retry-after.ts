/** How long a client whose request failed has to wait, in seconds, by status. */
export const RETRY_AFTER: Readonly<Record<number, string>> = { 429: '1', 503: '10' };
