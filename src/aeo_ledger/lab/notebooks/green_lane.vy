# pragma version 0.4.3
# pragma evm-version london
"""
@title GreenLane
@notice A researcher's own contract: it counts consignments, and asks the pinned Registers who may use the green lane.
@dev It has no authority on the ledger, and needs none to ask. See own_contract.py.
"""

struct Answer:
    reasons: uint256
    benefits: uint256
    entry: bytes32
    recogniser: uint256
    register: uint256
    lane: uint256


interface IRegisters:
    def recognise(recogniser: uint16, direction: uint8, role: uint8, entries: DynArray[bytes32, 64]) -> Answer: view


event Arrived:
    entry: indexed(bytes32)
    green: bool
    reasons: uint256


INWARD: constant(uint8) = 0
EXPORTER: constant(uint8) = 2

registers: public(address)
green: public(HashMap[bytes32, uint256])


@deploy
def __init__(registers: address):
    """
    @notice Bind it to the ledger's contract.
    @param registers 20-byte address of Registers.
    """
    self.registers = registers


@external
def arrive(recogniser: uint16, entry: bytes32) -> bool:
    """
    @notice Let a consignment arrive.
    @param recogniser Number of the party at whose border it arrives.
    @param entry 32-byte entry of the exporter's certificate.
    @return Whether it takes the green lane.
    """
    answer: Answer = staticcall IRegisters(self.registers).recognise(recogniser, INWARD, EXPORTER, [entry])
    recognised: bool = answer.reasons == 0
    if recognised:
        self.green[entry] += 1
    log Arrived(entry=entry, green=recognised, reasons=answer.reasons)
    return recognised
