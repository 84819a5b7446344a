# The commands of the pages of operation, in the order of the pages. See `network/operation.py`.
## names
export AEO_LEDGER_TRUST=trust.json AEO_LEDGER_GATEWAY=http://127.0.0.1:@port@
NODES="@nodes@" GATEWAYS="@gateways@"
RPC=@urls@
SEATS="@seats@"
## containers
# needs a container engine
start() { docker compose @files@up -d --build "$1"; }
stop() { docker compose @files@stop "$1"; }
pip wheel --no-deps --wheel-dir image "$PROJECT"
## without
start() { nohup sh "start-$1.sh" >>"$1.log" 2>&1 & }
stop() { set -- parties/*/"$1.pid"; flock -n "$1" true || kill "$(cat "$1")"; flock "$1" true; }
## keys
for KEY in @keys@; do aeo-ledger key export "parties/$KEY.json" --out "parties/${KEY}key"; done
## start
for NAME in $NODES; do start "$NAME"; done
aeo-ledger network doctor --rpc "$RPC" --wait 10m
for NAME in $GATEWAYS; do start "$NAME"; done
aeo-ledger health --wait 5m
## examine
aeo-ledger network doctor --rpc "$RPC"
## one
start @last_node@
aeo-ledger network doctor --rpc "$RPC" --wait 30m
## all
for NAME in $NODES; do start "$NAME"; done
aeo-ledger network doctor --rpc "$RPC" --wait 30m
## together
for NAME in $NODES; do stop "$NAME"; done
for NAME in $NODES; do start "$NAME"; done
aeo-ledger network doctor --rpc "$RPC" --wait 30m
## backup
(umask 077; tar -czf @party@.tar.gz --exclude='*-data' --exclude='*key' --exclude='*.pid' network.toml genesis.json places.json trust.json parties/@party@)
aeo-ledger book backup @party@.book.copy --party @party@
## restore
tar -xzf @party@.tar.gz
aeo-ledger network render .
aeo-ledger key export parties/@key@.json --out parties/@key@key
start @node@
aeo-ledger network doctor --rpc "$RPC" --wait 1d
start @gateway@
aeo-ledger health --wait 5m
## upgrade
stop @node@
aeo-ledger network render .
start @node@
aeo-ledger network doctor --rpc "$RPC" --wait 30m
## newcomer
mkdir -m 700 parties/@new@
aeo-ledger key new parties/@new@/authority.json
aeo-ledger key new parties/@new@/operator.json
aeo-ledger key new parties/@new@/node.json
(umask 077; head -c 16 /dev/urandom | od -An -tx1 | tr -d ' \n' >parties/@new@/relay.password)
aeo-ledger key new parties/@new@/relay.json --password-file parties/@new@/relay.password
PUBLIC=$(aeo-ledger key export parties/@new@/node.json --out parties/@new@/nodekey | sed -n 's/^public key, .*: //p')
cat >>network.toml <<END

[[node]]
name = "node-@new_name@"
party = "@new@"
file = "node"
public_key = "$PUBLIC"
host = "@new_host@"
p2p = @new_p2p@
rpc = @new_rpc@
END
aeo-ledger network render .
start node-@new_name@
aeo-ledger network doctor --rpc "$RPC,http://127.0.0.1:@new_rpc@" --wait 1d
## admit
aeo-ledger resolution draft admit --code @new@ --kind administration --keeps-register \
  --new "$(aeo-ledger key show parties/@new@/authority.json)" --out admit.act.json --yes --key parties/@new@/authority.json
for CODE in $SEATS; do aeo-ledger act sign admit.act.json --yes --key "parties/$CODE/authority.json"; done
aeo-ledger act submit admit.act.json --yes
## name
aeo-ledger trust name @new@
## pause-new
stop node-@new_name@
## seat
aeo-ledger resolution draft seat-validator --party @new@ --new "$(aeo-ledger key show parties/@new@/node.json)" \
  --out seat.act.json --yes --key parties/@new@/node.json
for CODE in $SEATS; do aeo-ledger act sign seat.act.json --yes --key "parties/$CODE/authority.json"; done
aeo-ledger act submit seat.act.json --yes
## follow-new
aeo-ledger network doctor --rpc "$RPC,http://127.0.0.1:@new_rpc@" --wait 10m
## resume-new
start node-@new_name@
aeo-ledger network doctor --rpc "$RPC,http://127.0.0.1:@new_rpc@" --wait 10m
## trust
aeo-ledger trust update
for NAME in $GATEWAYS; do stop "$NAME"; start "$NAME"; done
aeo-ledger health --wait 5m
## new-node
aeo-ledger key new parties/@party@/@next@.json
PUBLIC=$(aeo-ledger key export parties/@party@/@next@.json --out parties/@party@/@next@key | sed -n 's/^public key, .*: //p')
cat >>network.toml <<END

[[node]]
name = "@next@-@party_name@"
party = "@party@"
file = "@next@"
public_key = "$PUBLIC"
host = "@second_host@"
p2p = @second_p2p@
rpc = @second_rpc@
END
aeo-ledger network render .
start @next@-@party_name@
aeo-ledger network doctor --rpc "$RPC,http://127.0.0.1:@second_rpc@" --wait 1d
## pause-both
stop @next@-@party_name@
stop @node@
## replace
aeo-ledger resolution draft replace-validator --party @party@ --old "$(aeo-ledger key show parties/@key@.json)" \
  --new "$(aeo-ledger key show parties/@party@/@next@.json)" --out replace.act.json --yes --key parties/@party@/@next@.json
for CODE in $SEATS; do aeo-ledger act sign replace.act.json --yes --key "parties/$CODE/authority.json"; done
aeo-ledger act submit replace.act.json --yes
aeo-ledger trust update
## resume-next
start @next@-@party_name@
aeo-ledger network doctor --rpc http://127.0.0.1:@second_rpc@ --wait 10m
## retire
aeo-ledger network doctor --rpc "$RPC,http://127.0.0.1:@second_rpc@" --wait 10m
stop @node@
## rotate
aeo-ledger key new parties/@party@/authority-2.json
aeo-ledger party act rotate-authority --party @party@ --old "$(aeo-ledger key show parties/@party@/authority.json)" \
  --new "$(aeo-ledger key show parties/@party@/authority-2.json)" --yes --key parties/@party@/authority.json --key parties/@party@/authority-2.json
mv parties/@party@/authority-2.json parties/@party@/authority.json
aeo-ledger key new parties/@party@/operator-2.json
aeo-ledger party act add-operator --party @party@ --new "$(aeo-ledger key show parties/@party@/operator-2.json)" \
  --yes --key parties/@party@/authority.json --key parties/@party@/operator-2.json
aeo-ledger party act retire-operator --party @party@ --old "$(aeo-ledger key show parties/@party@/operator.json)" \
  --yes --key parties/@party@/authority.json
mv parties/@party@/operator-2.json parties/@party@/operator.json
## relay
rm parties/@party@/relay.json parties/@party@/relay.password
(umask 077; head -c 16 /dev/urandom | od -An -tx1 | tr -d ' \n' >parties/@party@/relay.password)
aeo-ledger key new parties/@party@/relay.json --password-file parties/@party@/relay.password
stop @gateway@
start @gateway@
aeo-ledger health --wait 5m
## refetch
aeo-ledger network doctor --rpc "$RPC" || echo "Read what it says before you go on."
stop @last_node@
rm -r parties/@last_key@-data
aeo-ledger network render .
start @last_node@
aeo-ledger network doctor --rpc "$RPC" --wait 1d
