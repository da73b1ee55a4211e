/** Packages of Hex as package URLs. */

import type { PurlMapping } from '../../contract/purl-mapping.ts';
import { languagePurl } from '../../formats/purl/language.ts';
import { HEX } from './detect-applications.ts';
import { comesWithErlang, OTP } from './otp.ts';

const ofHex = languagePurl({ type: 'hex', repository: HEX, separator: '/' });
const ofOtp = languagePurl({ type: 'otp', repository: OTP });

/** `pkg:hex/…`; of what comes with Erlang `pkg:otp/…`. */
export const purl: PurlMapping = {
  types: [...ofHex.types, ...ofOtp.types],
  toPurl(installed, environment) {
    const isOfOtp =
      comesWithErlang(installed.name) || environment.repositories?.some(({ name }) => name === OTP.name);
    return (isOfOtp ? ofOtp : ofHex).toPurl(installed, environment);
  },
  fromPurl: (written) => (written.type === 'otp' ? ofOtp : ofHex).fromPurl(written),
};
