/** What Quay demands of the answers that it reads, as JSON Schema. */

const text = { type: 'string' };
const texts = { type: 'array', items: text };

const object = (properties: Record<string, object>, ...optional: readonly string[]): object => ({
  type: 'object',
  properties,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
});
const mapOf = (values: object): object => ({ type: 'object', additionalProperties: values });

const PACKAGE = object({ id: text, name: text, version: text });
const packageWithSource = object({ id: text, name: text, version: text, source: PACKAGE }, 'source');
const DISTRIBUTION = object({
  id: text,
  did: text,
  name: text,
  version: text,
  version_code_name: text,
  version_id: text,
  arch: text,
  cpe: text,
  pretty_name: text,
});
const ENVIRONMENT = object({ package_db: text, introduced_in: text, distribution_id: text });
const VULNERABILITY = object({
  id: text,
  updater: text,
  name: text,
  description: text,
  links: text,
  severity: text,
  normalized_severity: text,
  fixed_in_version: text,
});

const common = {
  manifest_hash: text,
  packages: mapOf(packageWithSource),
  distributions: mapOf(DISTRIBUTION),
  environments: mapOf({ type: 'array', items: ENVIRONMENT, minItems: 1 }),
};

export const QUAY_STATE = object({ state: text });

export const QUAY_INDEX_REPORT = object({
  ...common,
  state: text,
  success: { type: 'boolean' },
  err: text,
});

export const QUAY_VULNERABILITY_REPORT = object({
  ...common,
  vulnerabilities: mapOf(VULNERABILITY),
  package_vulnerabilities: mapOf(texts),
  enrichments: mapOf({ type: 'array', items: mapOf({ type: 'array', items: { type: 'object' } }) }),
});
