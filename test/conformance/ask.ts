/** Asks the service for what a client would: posts a manifest, gets both reports. */
import type { RawManifest } from './corpus.ts';
import type { RawReport } from './normal-form.ts';
import type { OurAnswers } from './verdict.ts';

const INDEX = '/indexer/api/v1/index_report';
const VULNERABILITY = '/matcher/api/v1/vulnerability_report';

/** Our answers about the image of `manifest`. */
export async function ask(service: string, manifest: RawManifest): Promise<OurAnswers> {
  const posted = await fetch(`${service}${INDEX}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(manifest),
  });
  const answer = (await posted.json()) as RawReport & { message?: string };
  const got = await fetch(`${service}${INDEX}/${manifest.hash}`);
  const index =
    got.status === 200
      ? ((await got.json()) as RawReport)
      : { manifest_hash: manifest.hash, state: `GET ${got.status}`, err: answer.message ?? '' };
  const reported = await fetch(`${service}${VULNERABILITY}/${manifest.hash}`);
  const body = await reported.text();
  return {
    postStatus: posted.status,
    index,
    vulnerabilityStatus: reported.status,
    vulnerability: reported.status === 200 ? (JSON.parse(body) as RawReport) : undefined,
  };
}
