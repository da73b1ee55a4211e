/** Which addresses a layer may be fetched from. */
import { lookup as dnsLookup, type LookupAddress, type LookupOptions } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

const PRIVATE = new BlockList();
for (const [network, prefix, family] of [
  ['10.0.0.0', 8, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['127.0.0.0', 8, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['fc00::', 7, 'ipv6'],
  ['fe80::', 10, 'ipv6'],
] as const) {
  PRIVATE.addSubnet(network, prefix, family);
}
PRIVATE.addAddress('::1', 'ipv6');

// Where clouds hand out the machine's credentials. No registry is there, and a client chooses the URL.
const METADATA = new BlockList();
METADATA.addAddress('169.254.169.254', 'ipv4');
METADATA.addAddress('fd00:ec2::254', 'ipv6');

/** Whether to dial `address`. In an air gap only private, loopback and link-local ones. */
export function mayDial(address: string, airgap: boolean): boolean {
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  return !METADATA.check(address, family) && (!airgap || PRIVATE.check(address, family));
}

/** What is said of a refused address. */
export function refusal(host: string, airgap: boolean): Error {
  return new Error(
    `${host}: ${airgap ? 'address is not private (indexer.airgap)' : 'address is not allowed'}`,
  );
}

/** A `lookup` that gives only addresses that may be dialled; checked here, a name cannot change its mind in between. */
export function guardedLookup(airgap: boolean): LookupFunction {
  return (hostname, options: LookupOptions, callback) => {
    dnsLookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      if (error !== null) return callback(error, '', 0);
      const allowed = addresses.filter(({ address }) => mayDial(address, airgap));
      const [first] = allowed;
      if (first === undefined) return callback(refusal(hostname, airgap), '', 0);
      if (options.all) callback(null, allowed);
      else callback(null, first.address, first.family);
    });
  };
}
