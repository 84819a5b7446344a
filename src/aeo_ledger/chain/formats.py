"""Blocks, transactions, receipts and logs in the form of Ethereum's JSON-RPC."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import rlp
from eth._utils.address import generate_contract_address
from eth.abc import BlockHeaderAPI, ReceiptAPI, SignedTransactionAPI

from aeo_ledger.chain.logs import LogRow
from aeo_ledger.primitives.hexadecimal import to_hex


def format_header(header: BlockHeaderAPI, sealed: BlockHeaderAPI) -> dict[str, Any]:
    """Format a header; `header` has no seals and gives the block hash, `sealed` has them."""
    return {
        "number": hex(header.block_number),
        "hash": to_hex(header.hash),
        "parentHash": to_hex(header.parent_hash),
        "sha3Uncles": to_hex(header.uncles_hash),
        "miner": to_hex(header.coinbase),
        "stateRoot": to_hex(header.state_root),
        "transactionsRoot": to_hex(header.transaction_root),
        "receiptsRoot": to_hex(header.receipt_root),
        "logsBloom": f"0x{header.bloom:0512x}",
        "difficulty": hex(header.difficulty),
        "totalDifficulty": hex(header.block_number + 1),
        "gasLimit": hex(header.gas_limit),
        "gasUsed": hex(header.gas_used),
        "timestamp": hex(header.timestamp),
        "extraData": to_hex(sealed.extra_data),
        "mixHash": to_hex(header.mix_hash),
        "nonce": to_hex(header.nonce),
        "size": hex(len(rlp.encode(sealed))),
        "uncles": [],
    }


def format_transaction(header: BlockHeaderAPI, index: int, transaction: SignedTransactionAPI) -> dict[str, Any]:
    """Format a transaction of a block."""
    is_typed = transaction.type_id is not None
    parity = transaction.y_parity if is_typed else int(transaction.as_dict()["v"])
    formatted: dict[str, Any] = {
        "blockHash": to_hex(header.hash),
        "blockNumber": hex(header.block_number),
        "transactionIndex": hex(index),
        "hash": to_hex(transaction.hash),
        "type": hex(transaction.type_id or 0),
        "from": to_hex(transaction.sender),
        "to": to_hex(transaction.to) if transaction.to else None,
        "nonce": hex(transaction.nonce),
        "gas": hex(transaction.gas),
        "gasPrice": hex(transaction.gas_price),
        "value": hex(transaction.value),
        "input": to_hex(transaction.data),
        "chainId": hex(transaction.chain_id or 0),
        "v": hex(parity),
        "r": hex(transaction.r),
        "s": hex(transaction.s),
    }
    if is_typed:
        accesses = [
            {"address": to_hex(account), "storageKeys": [f"0x{slot:064x}" for slot in slots]}
            for account, slots in transaction.access_list
        ]
        formatted |= {"accessList": accesses, "yParity": hex(parity)}
    return formatted


def format_receipt(
    header: BlockHeaderAPI,
    index: int,
    transaction: SignedTransactionAPI,
    receipt: ReceiptAPI,
    gas_used: int,
    logs: Sequence[LogRow],
) -> dict[str, Any]:
    """Format a receipt; `gas_used` is the gas of this transaction alone."""
    created = None if transaction.to else to_hex(generate_contract_address(transaction.sender, transaction.nonce))
    return {
        "transactionHash": to_hex(transaction.hash),
        "transactionIndex": hex(index),
        "blockHash": to_hex(header.hash),
        "blockNumber": hex(header.block_number),
        "from": to_hex(transaction.sender),
        "to": to_hex(transaction.to) if transaction.to else None,
        "contractAddress": created,
        "cumulativeGasUsed": hex(receipt.gas_used),
        "gasUsed": hex(gas_used),
        "effectiveGasPrice": hex(transaction.gas_price),
        "status": hex(int.from_bytes(receipt.state_root, "big")),
        "logsBloom": f"0x{receipt.bloom:0512x}",
        "logs": [format_log(row, to_hex(header.hash)) for row in logs],
        "type": hex(transaction.type_id or 0),
    }


def format_log(row: LogRow, block_hash: str) -> dict[str, Any]:
    """Format a log."""
    block, position, index, transaction_hash, address, *topics, data = row
    return {
        "address": to_hex(address),
        "topics": [to_hex(topic) for topic in topics if topic is not None],
        "data": to_hex(data),
        "blockNumber": hex(block),
        "blockHash": block_hash,
        "transactionHash": to_hex(transaction_hash),
        "transactionIndex": hex(index),
        "logIndex": hex(position),
        "removed": False,
    }
