//! Places where one of several parameters may stand.

use super::numbers::parameter as p;
use super::schema::Choice;

/// What a ROSpec does.
pub static SPEC_PARAMETER: Choice = Choice {
    name: "SpecParameter",
    of: &[p::AI_SPEC, p::RF_SURVEY_SPEC, p::CUSTOM],
};

/// What is done to a tag.
pub static ACCESS_COMMAND_OP_SPEC: Choice = Choice {
    name: "AccessCommandOpSpec",
    of: &[
        p::C1G2_READ,
        p::C1G2_WRITE,
        p::C1G2_KILL,
        p::C1G2_LOCK,
        p::C1G2_BLOCK_ERASE,
        p::C1G2_BLOCK_WRITE,
        p::C1G2_RECOMMISSION,
        p::C1G2_BLOCK_PERMALOCK,
        p::C1G2_GET_BLOCK_PERMALOCK_STATUS,
        p::CLIENT_REQUEST_OP_SPEC,
        p::CUSTOM,
    ],
};

/// What came of it.
pub static ACCESS_COMMAND_OP_SPEC_RESULT: Choice = Choice {
    name: "AccessCommandOpSpecResult",
    of: &[
        p::C1G2_READ_OP_SPEC_RESULT,
        p::C1G2_WRITE_OP_SPEC_RESULT,
        p::C1G2_KILL_OP_SPEC_RESULT,
        p::C1G2_LOCK_OP_SPEC_RESULT,
        p::C1G2_BLOCK_ERASE_OP_SPEC_RESULT,
        p::C1G2_BLOCK_WRITE_OP_SPEC_RESULT,
        p::C1G2_RECOMMISSION_OP_SPEC_RESULT,
        p::C1G2_BLOCK_PERMALOCK_OP_SPEC_RESULT,
        p::C1G2_GET_BLOCK_PERMALOCK_STATUS_OP_SPEC_RESULT,
        p::CLIENT_REQUEST_OP_SPEC_RESULT,
        p::CUSTOM,
    ],
};

/// The two forms of an EPC.
pub static EPC_PARAMETER: Choice = Choice {
    name: "EPCParameter",
    of: &[p::EPC_DATA, p::EPC_96],
};

/// The two clocks of a reader.
pub static TIMESTAMP: Choice = Choice {
    name: "Timestamp",
    of: &[p::UTC_TIMESTAMP, p::UPTIME],
};

/// What the air protocol puts there; there is one, Gen2.
pub static AIR_PROTOCOL_LLRP_CAPABILITIES: Choice = Choice {
    name: "AirProtocolLLRPCapabilities",
    of: &[p::C1G2_LLRP_CAPABILITIES],
};

/// What the air protocol puts there; there is one, Gen2.
pub static AIR_PROTOCOL_UHF_RF_MODE_TABLE: Choice = Choice {
    name: "AirProtocolUHFRFModeTable",
    of: &[p::C1G2_UHF_RF_MODE_TABLE],
};

/// What the air protocol puts there; there is one, Gen2.
pub static AIR_PROTOCOL_INVENTORY_COMMAND_SETTINGS: Choice = Choice {
    name: "AirProtocolInventoryCommandSettings",
    of: &[p::C1G2_INVENTORY_COMMAND],
};

/// What the air protocol puts there; there is one, Gen2.
pub static AIR_PROTOCOL_TAG_SPEC: Choice = Choice {
    name: "AirProtocolTagSpec",
    of: &[p::C1G2_TAG_SPEC],
};

/// What the air protocol puts there; there is one, Gen2.
pub static AIR_PROTOCOL_EPC_MEMORY_SELECTOR: Choice = Choice {
    name: "AirProtocolEPCMemorySelector",
    of: &[p::C1G2_EPC_MEMORY_SELECTOR],
};

/// What the air protocol puts there; there is one, Gen2.
pub static AIR_PROTOCOL_TAG_DATA: Choice = Choice {
    name: "AirProtocolTagData",
    of: &[p::C1G2_PC, p::C1G2_CRC, p::XPCW1, p::XPCW2],
};

/// What the air protocol puts there; there is one, Gen2.
pub static AIR_PROTOCOL_SINGULATION_DETAILS: Choice = Choice {
    name: "AirProtocolSingulationDetails",
    of: &[p::C1G2_SINGULATION_DETAILS],
};

/// What a client may ask to be done to a tag it was asked about.
pub static CLIENT_OP_SPEC: Choice = Choice {
    name: "ClientOpSpec",
    of: &[
        p::C1G2_READ,
        p::C1G2_WRITE,
        p::C1G2_KILL,
        p::C1G2_LOCK,
        p::C1G2_BLOCK_ERASE,
        p::C1G2_BLOCK_WRITE,
        p::C1G2_RECOMMISSION,
        p::C1G2_BLOCK_PERMALOCK,
        p::C1G2_GET_BLOCK_PERMALOCK_STATUS,
        p::CUSTOM,
    ],
};
