/** Applications that come with Erlang and with Elixir themselves, and are in no registry. */
import type { Repository } from '../../model/package.ts';

/** Where package URLs of the type `otp` are from. */
export const OTP: Repository = { name: 'otp', uri: 'https://www.erlang.org/' };

/** Those of Erlang/OTP 17 to 28 (its `lib` folder, and `erts`), and those of Elixir's repository. */
const OWN: ReadonlySet<string> = new Set(
  `asn1 common_test compiler cosEvent cosEventDomain cosFileTransfer cosNotification cosProperty cosTime cosTransactions
  crypto debugger dialyzer diameter edoc eldap erl_docgen erl_interface erts et eunit ftp gs hipe ic inets jinterface kernel
  megaco mnesia observer odbc orber os_mon ose otp_mibs parsetools percept public_key reltool runtime_tools sasl snmp ssh
  ssl stdlib syntax_tools test_server tftp tools typer webtool wx xmerl
  eex elixir ex_unit iex logger mix`.split(/\s+/),
);

/** Whether an application is one of them, by its name. */
export function comesWithErlang(name: string): boolean {
  return OWN.has(name);
}
