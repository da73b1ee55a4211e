/** Operations of the console about images. */
import { z } from 'zod';
import { DIGEST, operation } from '../../../http/operation.ts';
import {
  CHANGES,
  Compared,
  ComparedPackages,
  ConsoleCoverage,
  ConsoleFindings,
  ConsoleImageCounts,
  ConsoleImageDetail,
  ConsoleImages,
  ConsolePackages,
  ConsoleWhy,
} from '../../../model/api/console/images.ts';
import {
  CONSOLE,
  epss,
  FINDING_FILTER,
  fix,
  flag,
  LIST_TYPES,
  label,
  PAGE,
  page,
  since,
  sort,
  tags,
  type,
  view,
  words,
} from './parameters.ts';

const tag = 'matcher' as const;
const errors = { 'bad-request': true, forbidden: true } as const;
const NOT_FOUND = { ...errors, 'not-found': 'The image is not indexed.' } as const;

export const IMAGE_SORTS = [
  'risk',
  'critical',
  'exploited',
  'fixable',
  'indexed',
  'name',
  'changed',
] as const;

const IMAGE_FILTER = {
  q: words('Beginnings of parts of a name or label, or of the hex digits of a digest.'),
  label,
  distribution: words('As an image has it.'),
  exploited: flag('Only with a vulnerability in the KEV catalog.'),
  incomplete: flag('Only what was not checked completely.'),
  failed: flag('Only what could not be indexed.'),
  changed: since,
  tags,
};

export const CONSOLE_IMAGES = operation({
  method: 'GET',
  path: `${CONSOLE}/images`,
  tag,
  id: 'consoleImages',
  summary: 'Indexed images with their counts. Not in Clair.',
  query: {
    ...IMAGE_FILTER,
    sort: sort(IMAGE_SORTS, '-risk'),
    ...PAGE,
  },
  ...page(ConsoleImages),
  errors: { ...errors, 'not-acceptable': true },
});

export const CONSOLE_IMAGE_COUNTS = operation({
  method: 'GET',
  path: `${CONSOLE}/image-counts`,
  tag,
  id: 'consoleImageCounts',
  summary: 'How many images there are, and how many each filter of the list would leave. Not in Clair.',
  query: IMAGE_FILTER,
  ...view('The counts; each ends at 10,000.', ConsoleImageCounts),
  errors,
});

export const CONSOLE_IMAGE = operation({
  method: 'GET',
  path: `${CONSOLE}/images/{digest}`,
  tag,
  id: 'consoleImage',
  summary: 'One image: its counts, layers, base and upgrades. Not in Clair.',
  params: { digest: DIGEST },
  ...view('The image.', ConsoleImageDetail),
  errors: NOT_FOUND,
});

export const CONSOLE_IMAGE_BY_NAME = operation({
  method: 'GET',
  path: `${CONSOLE}/image-by-name`,
  tag,
  id: 'consoleImageByName',
  summary: 'The newest image of a name. Not in Clair.',
  query: { name: z.string().min(1).max(600).describe('`repository` or `repository:tag`.') },
  ...view('The image.', ConsoleImageDetail),
  errors: { ...errors, 'not-found': 'No image has this name.' },
});

export const PACKAGE_SORTS = ['risk', 'severity', 'name', 'fixes', 'epss'] as const;

export const CONSOLE_IMAGE_PACKAGES = operation({
  method: 'GET',
  path: `${CONSOLE}/images/{digest}/packages`,
  tag,
  id: 'consoleImagePackages',
  summary: 'The packages in an image that have findings. Not in Clair.',
  params: { digest: DIGEST },
  query: { ...FINDING_FILTER, sort: sort(PACKAGE_SORTS, '-risk'), ...PAGE },
  ...page(ConsolePackages),
  errors: { ...NOT_FOUND, 'not-acceptable': true },
});

export const FINDING_SORTS = ['risk', 'severity', 'epss', 'id', 'package', 'since'] as const;

export const CONSOLE_IMAGE_FINDINGS = operation({
  method: 'GET',
  path: `${CONSOLE}/images/{digest}/findings`,
  tag,
  id: 'consoleImageFindings',
  summary: 'Findings of an image. Not in Clair.',
  params: { digest: DIGEST },
  query: { ...FINDING_FILTER, sort: sort(FINDING_SORTS, '-risk'), ...PAGE },
  ...page(ConsoleFindings),
  errors: { ...NOT_FOUND, 'not-acceptable': true },
});

export const CONSOLE_IMAGE_COVERAGE = operation({
  method: 'GET',
  path: `${CONSOLE}/images/{digest}/coverage`,
  tag,
  id: 'consoleImageCoverage',
  summary: 'The ledger: what of an image was checked, and what was not. Not in Clair.',
  params: { digest: DIGEST },
  ...view('The ledger.', ConsoleCoverage),
  errors: NOT_FOUND,
});

export const COMPARE = operation({
  method: 'GET',
  path: `${CONSOLE}/compare`,
  tag,
  id: 'consoleCompare',
  summary: 'Two images compared, or one at two dates. Not in Clair.',
  query: {
    base: DIGEST,
    head: DIGEST,
    base_at: since.describe('The base as it was then; with the same digest twice: two dates.'),
    head_at: since.describe('The head as it was then.'),
    change: z.enum(CHANGES).describe('Only these findings.').optional(),
    severity: FINDING_FILTER.severity,
    fix,
    exploited: FINDING_FILTER.exploited,
    epss,
    type,
    q: FINDING_FILTER.q,
    ...PAGE,
  },
  answers: { 200: { description: 'The comparison.', schema: Compared, types: LIST_TYPES } },
  errors: { ...NOT_FOUND, 'not-acceptable': true },
});

export const COMPARE_PACKAGES = operation({
  method: 'GET',
  path: `${CONSOLE}/compare/packages`,
  tag,
  id: 'consoleComparePackages',
  summary: 'The packages that differ between two images. Not in Clair.',
  query: { base: DIGEST, head: DIGEST, type, q: words('Part of a name of the package.'), ...PAGE },
  ...page(ComparedPackages),
  errors: { ...NOT_FOUND, 'not-acceptable': true },
});

export const CONSOLE_IMAGE_WHY = operation({
  method: 'GET',
  path: `${CONSOLE}/images/{digest}/why`,
  tag,
  id: 'consoleImageWhy',
  summary: 'Why a vulnerability affects an image, or why not: advisories, ranges, comparisons. Not in Clair.',
  params: { digest: DIGEST },
  query: { cve: z.string().min(1).max(200).describe('Id of the vulnerability, or one of its aliases.') },
  ...view('The advisories.', ConsoleWhy),
  errors: NOT_FOUND,
});
