# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
# ---

# %% [markdown]
# # A contract of one's own, against the pinned ones
#
# `EmbeddedLedger.tester_provider` is a researcher's way in: web3 talks to a real ledger of this project through eth-tester's interface. Here a
# contract is deployed beside the pinned ones, called, its logs are read, and a word of it is proven as a border system proves a standing.
#
# The contract is `green_lane.vy` beside this file: at each consignment it asks `Registers.recognise` whether the exporter is recognised. Its
# compiled form is `green_lane.json`; `vyper -f abi,bytecode,layout green_lane.vy` makes it again.

# %%
from __future__ import annotations

import json
import os
import tempfile
from importlib.resources import files
from pathlib import Path
from typing import Any

from eth_account import Account
from web3 import Web3
from web3.middleware import ExtraDataToPOAMiddleware
from web3.types import RPCEndpoint

from aeo_ledger.customs.tin import Tin
from aeo_ledger.evidence import decode_header
from aeo_ledger.lab.attacks_lists import PARTIES, RECOGNISED, TYPE_3
from aeo_ledger.lab.own_network import open_network
from aeo_ledger.primitives.hashes import keccak256
from aeo_ledger.primitives.hexadecimal import parse_hex
from aeo_ledger.verify import NodePool, verify_account, verify_header, verify_word

FOLDER = Path(os.environ.get("LAB_FOLDER") or tempfile.mkdtemp(prefix="lab-"))

# %% [markdown]
# ## A network in which China recognises Belarus
#
# It is founded and sealed by this project's own programs, on a clock that this program sets.

# %%
opened = open_network(FOLDER / "network", PARTIES, seed=1)
network = opened.__enter__()  # a `with` block does not span cells; the last cell closes it
network.conclude(RECOGNISED, "CN", "KZ", "BY")
reliable, stranger = Tin("BY200988541"), Tin("BY100220190")
network.grant("BY", [reliable], TYPE_3)
entries = {tin: network.entry(tin, "BY", TYPE_3) for tin in (reliable, stranger)}

# %% [markdown]
# ## Deploy
#
# Gas is free, so any fresh key can send. The chain's rules are Berlin's: a transaction of type 1, with gas price 0.

# %%
web3 = Web3(network.embedded.tester_provider())
web3.middleware_onion.inject(ExtraDataToPOAMiddleware, layer=0)
researcher = Account.create()
compiled = json.loads((files("aeo_ledger.lab.notebooks") / "green_lane.json").read_text(encoding="utf-8"))


def send(call: Any) -> Any:
    """Sign a call or a deployment, send it, and return its receipt. The provider seals a block at once."""
    nonce = web3.eth.get_transaction_count(researcher.address)
    usual = {
        "from": researcher.address,
        "nonce": nonce,
        "gas": 2_000_000,
        "gasPrice": 0,
        "chainId": web3.eth.chain_id,
        "accessList": [],
    }
    signed = researcher.sign_transaction(call.build_transaction(usual))
    return web3.eth.get_transaction_receipt(web3.eth.send_raw_transaction(signed.raw_transaction))


registers = Web3.to_checksum_address(network.trust.registers)
deployed = send(web3.eth.contract(abi=compiled["abi"], bytecode=compiled["bytecode"]).constructor(registers))
lane = web3.eth.contract(deployed["contractAddress"], abi=compiled["abi"])
print(f"deployed in block {deployed['blockNumber']} with {deployed['gasUsed']:,} gas")

# %% [markdown]
# ## Call it, and read its logs

# %%
china = network.number("CN")
logs = {}
for tin, entry in entries.items():
    receipt = send(lane.functions.arrive(china, entry))
    (event,) = lane.events.Arrived().process_receipt(receipt)
    logs[tin] = event["args"]
    print(f"{tin}: {'green lane' if event['args']['green'] else 'red lane'} ({receipt['gasUsed']:,} gas)")

# %% [markdown]
# The next suspension is in force for the contract in the same block in which it is recorded.

# %%
network.clock.advance(60)
network.suspend("BY", [reliable], TYPE_3)
(event,) = lane.events.Arrived().process_receipt(send(lane.functions.arrive(china, entries[reliable])))
after = event["args"]
print(f"{reliable} after the suspension: {'green lane' if after['green'] else 'red lane'}")

# %% [markdown]
# ## Prove a word of it
#
# How often has the reliable trader taken the green lane? Nobody is believed: the header is sealed by the pinned validators, the header's state root
# proves the account, and its storage root proves the word. The slot follows from the contract's layout, and from the key of the mapping.

# %%
provider = network.embedded.provider()
slot = compiled["storage_layout"]["green"]["slot"]
place = keccak256(slot.to_bytes(32, "big") + entries[reliable])
answer = provider.make_request(RPCEndpoint("eth_getProof"), [lane.address, ["0x" + place.hex()], "latest"])["result"]
nodes = [parse_hex(node, what="node") for node in (*answer["accountProof"], *answer["storageProof"][0]["proof"])]

header = decode_header(network.embedded.header_rlp(network.embedded.head))
sealed = verify_header(header, network.trust.validators)
pool = NodePool(nodes)
account = verify_account(pool, sealed.header.state_root, parse_hex(lane.address, what="address"))
proven = verify_word(pool, account, int.from_bytes(place, "big"))
print(f"proven by {len(sealed.sealers)} validators at block {header.number}: {proven} time in the green lane")

# %%
opened.__exit__(None, None, None)
