/** Why a vulnerability counts for an image, as the console's API has it. */
import type { ConsoleWhy } from '../../../model/api/console/types.ts';
import { comparedText, rangeText } from '../../findings/explained-words.ts';
import type { ExplainedImage } from '../../matcher.ts';
import { fixedVersionOf } from '../../shown/fixes.ts';

const MOST = 200;

export function whyToWire({ report, advisories, known }: ExplainedImage): ConsoleWhy {
  const rows = advisories.flatMap((advisory) =>
    advisory.packages.flatMap((position): ConsoleWhy['advisories'] => {
      const installed = report.packages[position]?.package;
      if (installed === undefined) return [];
      const { feed, id, scope, kind, name, verdict, otherwise } = advisory;
      return [
        {
          ...{ package: installed.name, version: installed.version, feed, id, scope, kind, name },
          range: rangeText(advisory),
          compared: comparedText(advisory),
          affects: verdict !== 'unaffected' && otherwise === undefined,
          fixed_in: fixedVersionOf(advisory.fixed_in_version, feed) || null,
        },
      ];
    }),
  );
  return { known, advisories: rows.sort((a, b) => Number(b.affects) - Number(a.affects)).slice(0, MOST) };
}
