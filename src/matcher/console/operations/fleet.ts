/** Operations of the console over all images. */
import { z } from 'zod';
import { operation } from '../../../http/operation.ts';
import { MAX_LIMIT } from '../../../model/api/console/common.ts';
import { Session } from '../../../model/api/console/decisions.ts';
import {
  ConsoleCveDetail,
  ConsoleCves,
  ConsoleLabels,
  CVE_STATES,
  CveImages,
  FleetPackageDetail,
  FleetPackages,
  Overview,
  PackageImages,
  SearchHits,
  Trend,
  UnknownVulnerability,
} from '../../../model/api/console/fleet.ts';
import {
  CONSOLE,
  epss,
  fix,
  flag,
  label,
  oneLabel,
  PAGE,
  page,
  severities,
  since,
  sort,
  tags,
  type,
  view,
  words,
} from './parameters.ts';

const tag = 'matcher' as const;
const errors = { 'bad-request': true, forbidden: true } as const;
const ID = z.string().min(1).max(200).describe('Id of the vulnerability, or one of its aliases.');
const COUNTING = 'The images with the label are being counted: retry in a minute.';
const UNKNOWN = { description: 'No image and no feed knows it.', schema: UnknownVulnerability };

export const SESSION = operation({
  method: 'GET',
  path: `${CONSOLE}/session`,
  tag,
  id: 'consoleSession',
  summary: 'Who asks, and what they may do. Not in Clair.',
  ...view('The rights.', Session),
  errors,
});

export const OVERVIEW = operation({
  method: 'GET',
  path: `${CONSOLE}/overview`,
  tag,
  id: 'consoleOverview',
  summary: 'What is in danger now, and what changed. Not in Clair.',
  query: { tags, since, label: oneLabel },
  ...view('The overview; feeds, decisions and the queue are those of all images.', Overview),
  errors: { ...errors, 'not-ready': COUNTING },
});

export const CONSOLE_LABELS = operation({
  method: 'GET',
  path: `${CONSOLE}/labels`,
  tag,
  id: 'consoleLabels',
  summary: 'Labels of images, with how many images have each. Not in Clair.',
  query: {
    q: words('Part of a label.'),
    tags,
    limit: z.coerce.number().int().min(1).max(MAX_LIMIT).default(MAX_LIMIT).describe(`Default ${MAX_LIMIT}.`),
  },
  ...view('Those that most images have, by key.', ConsoleLabels),
  errors,
});

export const TREND = operation({
  method: 'GET',
  path: `${CONSOLE}/trend`,
  tag,
  id: 'consoleTrend',
  summary: 'Open findings of each day. Not in Clair.',
  query: { days: z.coerce.number().int().min(1).max(400).default(30).describe('Default 30.') },
  ...view('The days.', Trend),
  errors,
});

export const CVE_SORTS = ['risk', 'severity', 'epss', 'images', 'id', 'first_seen'] as const;

export const CONSOLE_CVES = operation({
  method: 'GET',
  path: `${CONSOLE}/cves`,
  tag,
  id: 'consoleCves',
  summary: 'Vulnerabilities in all images. Not in Clair.',
  query: {
    q: words('Part of an id, alias or package.'),
    severity: severities,
    exploited: flag('In the KEV catalog only.'),
    act_now: flag('Only what needs action now, by the rule of the overview.'),
    epss,
    fix,
    since: since.describe('First seen since.'),
    label: oneLabel,
    tags,
    sort: sort(CVE_SORTS, '-risk'),
    ...PAGE,
  },
  ...page(ConsoleCves),
  errors: { ...errors, 'not-acceptable': true, 'not-ready': COUNTING },
});

export const CONSOLE_CVE = operation({
  method: 'GET',
  path: `${CONSOLE}/cves/{id}`,
  tag,
  id: 'consoleCve',
  summary: 'One vulnerability: what feeds say of it, and how many images have it. Not in Clair.',
  params: { id: ID },
  ...view('It; `id` is the canonical one.', ConsoleCveDetail, { 404: UNKNOWN }),
  errors,
});

export const CONSOLE_CVE_IMAGES = operation({
  method: 'GET',
  path: `${CONSOLE}/cves/{id}/images`,
  tag,
  id: 'consoleCveImages',
  summary:
    'Images by a vulnerability: affected, with its package but not affected, or not known. Not in Clair.',
  params: { id: ID },
  query: {
    state: z.enum(CVE_STATES).default('affected').describe('Default `affected`.'),
    label,
    q: words('Beginnings of parts of a name or label, or of the hex digits of a digest.'),
    tags,
    decided: z.enum(['hide', 'show', 'only']).default('show').describe('Default `show`.'),
    ...PAGE,
  },
  ...page(CveImages, { 404: UNKNOWN }),
  errors: { ...errors, 'not-acceptable': true },
});

export const FLEET_SORTS = ['fixable_risk', 'risk', 'images', 'findings', 'name'] as const;

export const CONSOLE_PACKAGES = operation({
  method: 'GET',
  path: `${CONSOLE}/packages`,
  tag,
  id: 'consolePackages',
  summary: 'Packages in all images, with what upgrades remove. Not in Clair.',
  query: {
    q: words('A package URL, or part of a name.'),
    type,
    sort: sort(FLEET_SORTS, '-fixable_risk'),
    ...PAGE,
  },
  ...page(FleetPackages),
  errors: { ...errors, 'not-acceptable': true },
});

const PACKAGE = {
  type: z.string().min(1).max(50).describe('Type of the package.'),
  name: z.string().min(1).max(512).describe('The source package.'),
};

export const CONSOLE_PACKAGE = operation({
  method: 'GET',
  path: `${CONSOLE}/package`,
  tag,
  id: 'consolePackage',
  summary: 'One package in all images: its versions. Not in Clair.',
  query: PACKAGE,
  ...view('The package.', FleetPackageDetail),
  errors: { ...errors, 'not-found': 'No image has it.' },
});

export const CONSOLE_PACKAGE_IMAGES = operation({
  method: 'GET',
  path: `${CONSOLE}/package/images`,
  tag,
  id: 'consolePackageImages',
  summary: 'Images that have a package. Not in Clair.',
  query: { ...PACKAGE, version: words('Only this version.'), tags, ...PAGE },
  ...page(PackageImages),
  errors: { ...errors, 'not-acceptable': true },
});

export const SEARCH = operation({
  method: 'GET',
  path: `${CONSOLE}/search`,
  tag,
  id: 'consoleSearch',
  summary: 'Vulnerabilities, packages and images by name, alias, package URL or digest. Not in Clair.',
  query: {
    q: z.string().trim().min(1).max(512).describe('What is looked for.'),
    limit: z.coerce.number().int().min(1).max(50).default(10).describe('Default 10.'),
  },
  ...view('Hits, those that fit best first.', SearchHits),
  errors,
});
