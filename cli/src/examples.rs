//! What stands at the end of `--help`. `tests/cli/examples.rs` runs every line that begins with `$` and compares what
//! follows; `>` continues a command, `…` stands for anything within a line.

pub(crate) const ALL: &str = "\
Keys come from the variable CRETULA_KEYS or from --keyring FILE, which wins: key texts separated by commas or white
space, or a keyring document. They are never arguments.

Exit status:
  0  done
  1  refused; the first line of standard error is `cretula: CODE: words`, CODE from §12 of the specification, or io;
     with --deny-warnings, a warning's word from §11.6
  2  wrong usage

Examples:
  $ export CRETULA_KEYS=\"$(cretula keygen)\"
  $ echo 'hello' | cretula seal --audience shop.example --purpose session --ttl 1800 > token
  $ cretula unseal --audience shop.example --purpose session < token
  hello
  $ cretula unseal --audience shop.example --purpose return-url < token
  cretula: unknown_key: the token's key, audience or purpose is not one of ours";

pub(crate) const KEYGEN: &str = "\
Examples:
  $ (umask 077 && cretula keygen > key)
  $ (umask 077 && cretula keygen --document > keyring.json)
  $ cretula keyring check key
  valid keyring of 1 entry
  now    …
  seals  entry 0
  next   no change
  …
  entry  state        seal_from                           accept_until
      0  seals now    the beginning                       no end";

pub(crate) const SEAL: &str = "\
Examples:
  $ export CRETULA_KEYS=\"$(cretula keygen)\"
  $ echo '{\"user\":\"ada\"}' | cretula seal --audience shop.example --purpose session --ttl 1800
  CrE1…
  $ head -c 4000 /dev/zero | cretula seal --audience shop.example --purpose session --ttl 1800 --limit 4000
  cretula: result_too_long: the token would have 5447 octets, over the limit of 4000";

pub(crate) const UNSEAL: &str = "\
Examples:
  $ cretula keygen > keys
  $ echo 'hello' | cretula seal --keyring keys --audience shop.example --purpose session --ttl 1800 > token
  $ cretula unseal --keyring keys --audience shop.example --purpose session --claims < token
  hello
  {\"issued_at\":…,\"expires_at\":…,\"key_id\":\"…\",\"sealing_key\":true}
  $ cretula unseal --keyring keys --audience shop.example --purpose session --now 4000000000 < token
  cretula: expired: the token has expired";

pub(crate) const SIGN: &str = "\
Examples:
  $ export CRETULA_KEYS=\"$(cretula keygen)\"
  $ echo '10 % off' | cretula sign --audience shop.example --purpose promo --ttl 86400
  CrS1…";

pub(crate) const VERIFY: &str = "\
Examples:
  $ export CRETULA_KEYS=\"$(cretula keygen)\"
  $ echo '10 % off' | cretula sign --audience shop.example --purpose promo --ttl 86400 > token
  $ cretula verify --audience shop.example --purpose promo < token
  10 % off
  $ cretula unseal --audience shop.example --purpose promo < token
  cretula: wrong_kind: the token is of the other kind";

pub(crate) const INSPECT: &str = "\
Standard input is a token, or a cookie with one: name=value, or a line Cookie: or Set-Cookie:. With --audience,
--purpose and the keyring it is opened, and a session is shown by its members. An expired one opens with a --now before
its end. Text of a payload is shown escaped, and cut where it is long; with --json it is whole, as hexadecimal digits
and, where it is UTF-8, as text.

Examples:
  $ export CRETULA_KEYS=\"$(cretula keygen)\"
  $ printf '10 %% off' | cretula sign --audience shop.example --purpose promo --ttl 60 --now 1790000000 > token
  $ cretula inspect < token
  signed token, version 1  114 octets of text, 85 bytes, payload of 8 bytes
  not verified: the sender of this token chose every value here
  …
  offset   size  field       value
       0      3  magic       0ab4b5, text CrS1
       3     32  key_id      …
      35      6  issued_at   2026-09-21T14:13:20Z (1790000000)
      41      4  ttl         60 s, to 2026-09-21T14:14:20Z (1790000060)
      45      8  payload     \"10 % off\"
      53     32  tag         …
  $ cretula inspect --json < token
  {\"kind\":\"signed\",\"version\":1,\"key_id\":\"…\",\"octets\":114,\"bytes\":85,\"payload_bytes\":8,\"unverified\":…}
  $ echo \"Cookie: theme=dark; promo=$(cat token)\" |
  > cretula inspect --audience shop.example --purpose promo --now 1790000001 | head -n 5
  signed token, version 1  114 octets of text, 85 bytes, payload of 8 bytes
  issued      2026-09-21T14:13:20Z (1790000000)
  expires     2026-09-21T14:14:20Z (1790000060)
  key         the one that seals now
  payload     \"10 % off\"";

pub(crate) const KEYRING_CHECK: &str = "\
Warnings are ends_before_its_tokens, takes_over_too_soon and far_in_future (§11.6 of the specification), and
no_sealing_key where no entry seals now.

Examples:
  $ old=\"$(cretula keygen)\" new=\"$(cretula keygen)\"
  $ echo '{\"cretula\":\"keyring-v1\",\"keys\":[{\"key\":\"'$old'\",\"accept_until\":1790100000},
  > {\"key\":\"'$new'\",\"seal_from\":1790090000}]}' > keyring.json
  $ cretula keyring check keyring.json --now 1790000000 --longest-ttl 1800
  valid keyring of 2 entries
  now    2026-09-21T14:13:20Z (1790000000)
  seals  entry 0
  next   entry 1 from 2026-09-22T15:13:20Z (1790090000)
  …
  entry  state        seal_from                           accept_until
      0  seals now    the beginning                       2026-09-22T18:00:00Z (1790100000)
      1  seals next   2026-09-22T15:13:20Z (1790090000)   no end";

pub(crate) const CONFORM: &str = "\
COMMAND is an adapter: a program that reads requests from standard input, calls the implementation, and writes answers
to standard output, one JSON object a line. interop/protocol.md describes them. In the five languages of the project the
loop of an adapter is 37 to 67 lines, and the calls by op are 180 to 640.

A failure shows the line of its request. To send it again by hand: printf '%s\\n' 'LINE' | COMMAND

A run of more than 10 seconds shows how far it is on standard error: a bar on a terminal, elsewhere lines that begin
with `progress: `.

Exit status:
  0  every MUST of the classes asked for is right or skipped, no class is skipped whole, and all vectors were run except
     those that --only and --quick leave out
  1  it is not so, or the adapter cannot be run
  2  wrong usage; also --class with a class that the adapter does not claim

Examples:
  $ cretula conform --class keyring -- cretula adapter
  cretula-rust …
  suite …  with fixed randomness
  …
  class    right   of
  keyring  …
  …
  conforms  … vectors of keyring
  $ cretula conform --only unseal/expired/ --json -- cretula adapter
  {\"protocol\":2,…,\"holds\":true,…}
  $ cretula conform --class keyring --statement conformance.json -- cretula adapter > report
  $ cretula conform --class unsealer -- false
  cretula: io: adapter: no answer to hello: ended: exit status: 1";

pub(crate) const CONFORM_MATRIX: &str = "\
Each implementation seals, signs, and writes sessions and cookies with its own randomness, and each opens what every one
made. A cell says how many of them; who does not claim a class is left out of its part. If the names do not fit a line
of 80 characters, the columns have the numbers of the rows.

Examples:
  $ cretula conform matrix 'cretula adapter' 'cretula adapter'
  made by           cretula-rust  cretula-rust (2)
  cretula-rust             34/34             34/34
  cretula-rust (2)         34/34             34/34";

pub(crate) const CONFORM_DIFFER: &str = "\
Makes random cases that are almost right: tokens, keyrings, cookies and sessions, broken in one place or in none. Each is
asked of every adapter and of this command's own library, and the answers are compared with each other: results by value,
codes with what is said beside them. An adapter that crashes or hangs differs. Cases that draw random values are asked of
adapters that use fixed ones.

The same seed makes the same cases for all adapters. Of each kind of difference, the same outcomes for the same op, the
smallest case is shown: who says what, the line of the request, and a vector that a person has to judge.

Exit status:
  0  no difference
  1  a difference, or an adapter cannot be run
  2  wrong usage

Examples:
  $ cretula conform differ --seed 1 --cases 300 --only ring --only open -- cretula adapter
  reference, cretula-rust …
  …
  op …
  open …
  ring …
  …
  no difference  300 cases, … a second, --seed 1";

pub(crate) const ADAPTER: &str = "\
It accepts test keys, and uses salts and ivs that it is given. It is for `cretula conform`, and as an example of the
protocol, interop/protocol.md.

Examples:
  $ echo '{\"type\":\"hello\",\"protocol\":2}' | cretula adapter
  {\"type\":\"hello\",\"protocol\":2,\"name\":\"cretula-rust\",…,\"fixed\":true}";

pub(crate) const COMPLETIONS: &str = "\
Examples:
  $ mkdir -p ~/.local/share/bash-completion/completions
  $ cretula completions bash > ~/.local/share/bash-completion/completions/cretula
  $ cretula completions fish > cretula.fish
  $ cretula completions zsh > _cretula";
