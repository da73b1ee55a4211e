/** The advisories of Photon OS: an OVAL file for each release. */
import { z } from 'zod';
import type { Feed, FeedSet } from '../../../contract/feed.ts';
import { httpUrl, readFeedConfig } from '../../../feeds/feed-config.ts';
import { inFolder } from '../../../feeds/in-folder.ts';
import type { Severity } from '../../../model/severity.ts';
import { photonRelease } from '../scopes/releases.ts';
import { rpmOvalFeed, scopeOf } from './rpm-oval.ts';

const MAJORS = [1, 2, 3, 4, 5];

const SEVERITIES: Readonly<Record<string, Severity>> = {
  Low: 'Low',
  Moderate: 'Medium',
  Important: 'High',
  Critical: 'Critical',
};

const URL = 'https://packages.broadcom.com/photon/photon_oval_definitions/';
/** Where they were when the vendor had another name; Clair asks there. */
const FORMER = 'https://packages.vmware.com/photon/photon_oval_definitions/';

const SetConfig = z.object({ url: httpUrl.optional() });

/** The updater set `photon`: a feed for each release. */
export const photonFeeds: FeedSet = {
  set: 'photon',
  async feeds(config: unknown): Promise<readonly Feed[]> {
    const { url } = readFeedConfig('photon', SetConfig, config);
    return MAJORS.map((major) =>
      rpmOvalFeed({
        name: `photon-updater-${major}.0`,
        url: inFolder(url ?? URL, `com.vmware.phsa-photon${major}.xml`),
        ...(url === undefined && { others: [inFolder(FORMER, `com.vmware.phsa-photon${major}.xml`)] }),
        scopes: [scopeOf(photonRelease(`${major}.0`))],
        severities: SEVERITIES,
        dated: true,
      }),
    );
  },
};
