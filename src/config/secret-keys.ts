/** Which keys of the configuration have values that nobody may see. */

const SECRET = /^(intraservice|passcode|password|headers|token|api_?key|access_key|secret_key|secret)$/i;

/** Whether every value below a key of this name is a secret. */
export function isSecretKey(name: string): boolean {
  return SECRET.test(name);
}
