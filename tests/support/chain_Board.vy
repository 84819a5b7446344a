# pragma version 0.4.3
# pragma evm-version london
# The least that a validators' contract can be, and something to write: for tests of the embedded ledger alone.

event Put:
    key: indexed(bytes32)
    word: uint256

words: public(HashMap[bytes32, uint256])
validators: DynArray[address, 128]
founded: public(uint256)

@deploy
def __init__(validators: DynArray[address, 128]):
    self.validators = validators
    self.founded = block.timestamp

@external
@view
def getValidators() -> DynArray[address, 128]:
    return self.validators

@external
def set_validators(validators: DynArray[address, 128]):
    self.validators = validators

@external
def put(keys: DynArray[bytes32, 300], words: DynArray[uint256, 300]):
    assert len(keys) == len(words), "board: lengths differ"
    for i: uint256 in range(len(keys), bound=300):
        self.words[keys[i]] = words[i]
        if i % 2 == 0:
            log Put(key=keys[i], word=words[i])

@external
@view
def chain() -> uint256:
    return chain.id
