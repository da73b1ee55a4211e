/** References of Conan: `name/version@user/channel#revision%time`. */

/** The name and the version of a reference; empty if it has none. */
export function conanReference(reference: unknown): { readonly name: string; readonly version: string } {
  const [, name = '', version = ''] = /^([^/@#]+)\/([^@#%]+)/.exec(String(reference)) ?? [];
  return { name, version };
}
