/** Which addresses a layer may be fetched from. */
import { lookup as dnsLookup, type LookupAddress, type LookupOptions } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { AppError } from '../errors.ts';
import { isPrivateAddress } from '../lib/private-networks.ts';

// Where clouds hand out the machine's credentials. No registry is there, and a client chooses the URL.
const METADATA = new BlockList();
for (const address of [
  '169.254.169.254', // AWS, Azure, Google Cloud, OpenStack, DigitalOcean, …
  '169.254.170.2', // AWS ECS
  '169.254.170.23', // AWS EKS
  '168.63.129.16', // Azure
  '100.100.100.200', // Alibaba Cloud
  '192.0.0.192', // Oracle Cloud
]) {
  METADATA.addAddress(address, 'ipv4');
}
METADATA.addAddress('fd00:ec2::254', 'ipv6');
METADATA.addAddress('fd00:ec2::23', 'ipv6');
METADATA.addAddress('64:ff9b::a9fe:a9fe', 'ipv6'); // 169.254.169.254 behind NAT64 (RFC 6052)

/** Whether to dial `address`. In an air gap only private, loopback and link-local ones. */
export function mayDial(address: string, airgap: boolean): boolean {
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  return !METADATA.check(address, family) && (!airgap || isPrivateAddress(address));
}

/** What is said of a refused address. */
export function refusal(host: string, airgap: boolean): AppError {
  return new AppError(
    'bad-layer-url',
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
