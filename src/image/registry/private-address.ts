/** Which addresses a service may dial on a client's word: for a layer, or for a registry that a client names. */
import { lookup as dnsLookup, type LookupAddress, type LookupOptions } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { AppError } from '../../errors.ts';
import { carriedAddresses } from '../../lib/carried-addresses.ts';
import { orAborted } from '../../lib/or-aborted.ts';
import { isPrivateAddress } from '../../lib/private-networks.ts';
import { isLoopback } from './reference.ts';

/** Looks a name up as `dns.lookup` does. */
export type ResolveName = (
  name: string,
  options: LookupOptions & { all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

// Where clouds hand out the machine's credentials. No registry is there, and a client chooses the URL.
const METADATA = new BlockList();
for (const address of [
  '169.254.169.254', // AWS, Azure, Google Cloud, Oracle Cloud, OpenStack, DigitalOcean, …
  '169.254.170.2', // AWS ECS
  '169.254.170.23', // AWS EKS
  '168.63.129.16', // Azure
  '100.100.100.200', // Alibaba Cloud
  '192.0.0.192', // Oracle Cloud
  '169.254.0.23', // Tencent Cloud
  '169.254.42.42', // Scaleway
  '169.254.169.250', // Rancher
  '169.254.169.255', // Linode
]) {
  METADATA.addAddress(address, 'ipv4');
}
METADATA.addSubnet('fd00:ec2::', 32, 'ipv6'); // AWS's services, and nobody else
METADATA.addAddress('fd20:ce::254', 'ipv6'); // Google Cloud
METADATA.addAddress('fd00:42::42', 'ipv6'); // Scaleway
METADATA.addAddress('fd00:a9fe:a9fe::1', 'ipv6'); // Linode
/** The same by name: behind a proxy it is the proxy that finds their addresses. */
const METADATA_NAMES =
  /^(?:metadata|metadata\.google\.internal|metadata\.goog|instance-data(?:\.ec2\.internal)?|metadata\.tencentyun\.com|rancher-metadata)\.?$/i;

/**
 * Whether to dial `address`. Never where credentials are handed out, nor by a gateway or tunnel to there
 * (`64:ff9b::a9fe:a9fe`, `2002:a9fe:a9fe::`, …). In an air gap only private, loopback and link-local ones.
 */
export function mayDial(address: string, airgap: boolean): boolean {
  const isMetadata =
    METADATA.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4') ||
    carriedAddresses(address).some((carried) => METADATA.check(carried, 'ipv4'));
  return !isMetadata && (!airgap || isPrivateAddress(address));
}

/** What is said of a refused address. */
export function refusal(host: string, airgap: boolean): AppError {
  return new AppError(
    'bad-layer-url',
    `${host}: ${airgap ? 'address is not private (indexer.airgap)' : 'address is not allowed'}`,
  );
}

/** A `lookup` that gives only addresses that may be dialled; checked here, a name cannot change its mind in between. */
export function guardedLookup(airgap: boolean, resolve: ResolveName = dnsLookup): LookupFunction {
  return (hostname, options: LookupOptions, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, '', 0);
      const allowed = addresses.filter(({ address }) => mayDial(address, airgap));
      const [first] = allowed;
      if (first === undefined) return callback(refusal(hostname, airgap), '', 0);
      if (options.all) callback(null, allowed);
      else callback(null, first.address, first.family);
    });
  };
}

/**
 * What is checked of a host before a proxy is asked for it, which looks the name up itself: all of its addresses, as nobody
 * here chooses between them. A name that is known to the proxy only passes, but not in an air gap. Throws `bad-layer-url`.
 */
export async function checkProxied(
  host: string,
  airgap: boolean,
  resolve: ResolveName = dnsLookup,
): Promise<void> {
  if (METADATA_NAMES.test(host)) throw refusal(host, airgap);
  const { promise, resolve: give } = Promise.withResolvers<LookupAddress[]>();
  resolve(host, { all: true }, (error, addresses) => give(error === null ? addresses : []));
  const addresses = await promise;
  const isKnown = addresses.length > 0;
  if ((airgap && !isKnown) || !addresses.every(({ address }) => mayDial(address, airgap))) {
    throw refusal(host, airgap);
  }
}

/** What may be dialled. */
export interface AddressGuard {
  /** Dial only private, loopback and link-local addresses. */
  readonly airgap: boolean;
  /** In place of the system's, for tests. */
  readonly resolve?: ResolveName;
}

/** Throws `bad-layer-url` for what the look-up of a direct connection does not see: literal addresses, and names behind a proxy. */
export async function checkHost(
  url: URL,
  { airgap, resolve, signal }: AddressGuard & { readonly signal: AbortSignal },
): Promise<void> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0) {
    if (!mayDial(host, airgap)) throw refusal(host, airgap);
  } else if (mayBeProxied(url)) {
    await orAborted(checkProxied(host, airgap, resolve), signal);
  }
}

/** Whether a proxy is set. Where NO_PROXY takes it away the name is only looked up once more. */
function mayBeProxied(url: URL): boolean {
  const variable = `${url.protocol.slice(0, -1)}_proxy`;
  return !isLoopback(url.hostname) && [variable, variable.toUpperCase()].some((name) => process.env[name]);
}
