/** Programs as package URLs: `pkg:bitnami/…` where Bitnami has advisories about them, else `pkg:generic/…`. */
import type { PurlMapping } from '../../contract/purl-mapping.ts';
import { languagePurl } from '../../formats/purl/language.ts';
import { UPSTREAM } from './lookups.ts';
import { PRODUCTS } from './products.ts';

const ofBitnami = languagePurl({ type: 'bitnami', repository: UPSTREAM });
const generic = languagePurl({ type: 'generic', repository: UPSTREAM });

/** A generic one is anything: only programs of the table are meant. */
export const purl: PurlMapping = {
  types: [...ofBitnami.types, ...generic.types],
  toPurl(installed, environment) {
    const product = PRODUCTS.get(installed.name);
    const isOfBitnami = product === undefined || product.feed === 'bitnami';
    return (isOfBitnami ? ofBitnami : generic).toPurl(installed, environment);
  },
  fromPurl(written, name) {
    if (written.type === 'bitnami') return ofBitnami.fromPurl(written, name);
    return written.namespace === '' && PRODUCTS.has(written.name)
      ? generic.fromPurl(written, name)
      : undefined;
  },
};
