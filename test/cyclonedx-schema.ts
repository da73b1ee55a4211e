/** CycloneDX documents against the schema that the format publishes. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';

const require = createRequire(import.meta.url);
const folder = join(dirname(require.resolve('@cyclonedx/cyclonedx-library/package.json')), 'res', 'schema');
const read = (name: string) => JSON.parse(readFileSync(join(folder, `${name}.SNAPSHOT.schema.json`), 'utf8'));

/** What is wrong with `document`; '' if nothing. */
export function cycloneDxMistakes(document: { readonly specVersion?: unknown }): string {
  const ajv = new Ajv({ strict: false, validateFormats: true });
  formats.default(ajv, ['date-time', 'uri', 'email']);
  // formats of internationalised names that no validator has
  for (const name of ['iri-reference', 'idn-email']) ajv.addFormat(name, true);
  for (const name of ['spdx', 'jsf-0.82'])
    ajv.addSchema(read(name), `http://cyclonedx.org/schema/${name}.SNAPSHOT.schema.json`);
  const validate = ajv.compile(read(`bom-${String(document.specVersion)}`));
  return validate(document) ? '' : ajv.errorsText(validate.errors);
}
