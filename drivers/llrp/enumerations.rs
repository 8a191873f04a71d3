//! The words that numbers in fields stand for.
#![allow(missing_docs, reason = "the names are the standard's")]

use super::schema::Enumeration;

pub static AIR_PROTOCOLS: Enumeration = Enumeration {
    name: "AirProtocols",
    words: &[(0, "Unspecified"), (1, "EPCGlobalClass1Gen2")],
};

pub static GET_READER_CAPABILITIES_REQUESTED_DATA: Enumeration = Enumeration {
    name: "GetReaderCapabilitiesRequestedData",
    words: &[
        (0, "All"),
        (1, "General_Device_Capabilities"),
        (2, "LLRP_Capabilities"),
        (3, "Regulatory_Capabilities"),
        (4, "LLRP_Air_Protocol_Capabilities"),
    ],
};

pub static COMMUNICATIONS_STANDARD: Enumeration = Enumeration {
    name: "CommunicationsStandard",
    words: &[
        (0, "Unspecified"),
        (1, "US_FCC_Part_15"),
        (2, "ETSI_302_208"),
        (3, "ETSI_300_220"),
        (4, "Australia_LIPD_1W"),
        (5, "Australia_LIPD_4W"),
        (6, "Japan_ARIB_STD_T89"),
        (7, "Hong_Kong_OFTA_1049"),
        (8, "Taiwan_DGT_LP0002"),
        (9, "Korea_MIC_Article_5_2"),
    ],
};

pub static RO_SPEC_STATE: Enumeration = Enumeration {
    name: "ROSpecState",
    words: &[(0, "Disabled"), (1, "Inactive"), (2, "Active")],
};

pub static RO_SPEC_START_TRIGGER_TYPE: Enumeration = Enumeration {
    name: "ROSpecStartTriggerType",
    words: &[(0, "Null"), (1, "Immediate"), (2, "Periodic"), (3, "GPI")],
};

pub static RO_SPEC_STOP_TRIGGER_TYPE: Enumeration = Enumeration {
    name: "ROSpecStopTriggerType",
    words: &[(0, "Null"), (1, "Duration"), (2, "GPI_With_Timeout")],
};

pub static AI_SPEC_STOP_TRIGGER_TYPE: Enumeration = Enumeration {
    name: "AISpecStopTriggerType",
    words: &[
        (0, "Null"),
        (1, "Duration"),
        (2, "GPI_With_Timeout"),
        (3, "Tag_Observation"),
    ],
};

pub static TAG_OBSERVATION_TRIGGER_TYPE: Enumeration = Enumeration {
    name: "TagObservationTriggerType",
    words: &[
        (0, "Upon_Seeing_N_Tags_Or_Timeout"),
        (1, "Upon_Seeing_No_More_New_Tags_For_Tms_Or_Timeout"),
        (2, "N_Attempts_To_See_All_Tags_In_FOV_Or_Timeout"),
        (3, "Upon_Seeing_N_Unique_Tags_Or_Timeout"),
        (4, "Upon_Seeing_No_More_New_Unique_Tags_For_Tms_Or_Timeout"),
    ],
};

pub static RF_SURVEY_SPEC_STOP_TRIGGER_TYPE: Enumeration = Enumeration {
    name: "RFSurveySpecStopTriggerType",
    words: &[
        (0, "Null"),
        (1, "Duration"),
        (2, "N_Iterations_Through_Frequency_Range"),
    ],
};

pub static ACCESS_SPEC_STATE: Enumeration = Enumeration {
    name: "AccessSpecState",
    words: &[(0, "Disabled"), (1, "Active")],
};

pub static ACCESS_SPEC_STOP_TRIGGER_TYPE: Enumeration = Enumeration {
    name: "AccessSpecStopTriggerType",
    words: &[(0, "Null"), (1, "Operation_Count")],
};

pub static GET_READER_CONFIG_REQUESTED_DATA: Enumeration = Enumeration {
    name: "GetReaderConfigRequestedData",
    words: &[
        (0, "All"),
        (1, "Identification"),
        (2, "AntennaProperties"),
        (3, "AntennaConfiguration"),
        (4, "ROReportSpec"),
        (5, "ReaderEventNotificationSpec"),
        (6, "AccessReportSpec"),
        (7, "LLRPConfigurationStateValue"),
        (8, "KeepaliveSpec"),
        (9, "GPIPortCurrentState"),
        (10, "GPOWriteData"),
        (11, "EventsAndReports"),
    ],
};

pub static IDENTIFICATION_TYPE: Enumeration = Enumeration {
    name: "IdentificationType",
    words: &[(0, "MAC_Address"), (1, "EPC")],
};

pub static KEEPALIVE_TRIGGER_TYPE: Enumeration = Enumeration {
    name: "KeepaliveTriggerType",
    words: &[(0, "Null"), (1, "Periodic")],
};

pub static GPI_PORT_STATE: Enumeration = Enumeration {
    name: "GPIPortState",
    words: &[(0, "Low"), (1, "High"), (2, "Unknown")],
};

pub static RO_REPORT_TRIGGER_TYPE: Enumeration = Enumeration {
    name: "ROReportTriggerType",
    words: &[
        (0, "None"),
        (1, "Upon_N_Tags_Or_End_Of_AISpec"),
        (2, "Upon_N_Tags_Or_End_Of_ROSpec"),
    ],
};

pub static ACCESS_REPORT_TRIGGER_TYPE: Enumeration = Enumeration {
    name: "AccessReportTriggerType",
    words: &[(0, "Whenever_ROReport_Is_Generated"), (1, "End_Of_AccessSpec")],
};

pub static NOTIFICATION_EVENT_TYPE: Enumeration = Enumeration {
    name: "NotificationEventType",
    words: &[
        (0, "Upon_Hopping_To_Next_Channel"),
        (1, "GPI_Event"),
        (2, "ROSpec_Event"),
        (3, "Report_Buffer_Fill_Warning"),
        (4, "Reader_Exception_Event"),
        (5, "RFSurvey_Event"),
        (6, "AISpec_Event"),
        (7, "AISpec_Event_With_Details"),
        (8, "Antenna_Event"),
        (9, "SpecLoop_Event"),
    ],
};

pub static RO_SPEC_EVENT_TYPE: Enumeration = Enumeration {
    name: "ROSpecEventType",
    words: &[
        (0, "Start_Of_ROSpec"),
        (1, "End_Of_ROSpec"),
        (2, "Preemption_Of_ROSpec"),
    ],
};

pub static RF_SURVEY_EVENT_TYPE: Enumeration = Enumeration {
    name: "RFSurveyEventType",
    words: &[(0, "Start_Of_RFSurvey"), (1, "End_Of_RFSurvey")],
};

pub static AI_SPEC_EVENT_TYPE: Enumeration = Enumeration {
    name: "AISpecEventType",
    words: &[(0, "End_Of_AISpec")],
};

pub static ANTENNA_EVENT_TYPE: Enumeration = Enumeration {
    name: "AntennaEventType",
    words: &[(0, "Antenna_Disconnected"), (1, "Antenna_Connected")],
};

pub static CONNECTION_ATTEMPT_STATUS_TYPE: Enumeration = Enumeration {
    name: "ConnectionAttemptStatusType",
    words: &[
        (0, "Success"),
        (1, "Failed_A_Reader_Initiated_Connection_Already_Exists"),
        (2, "Failed_A_Client_Initiated_Connection_Already_Exists"),
        (3, "Failed_Reason_Other_Than_A_Connection_Already_Exists"),
        (4, "Another_Connection_Attempted"),
    ],
};

pub static STATUS_CODE: Enumeration = Enumeration {
    name: "StatusCode",
    words: &[
        (0, "M_Success"),
        (100, "M_ParameterError"),
        (101, "M_FieldError"),
        (102, "M_UnexpectedParameter"),
        (103, "M_MissingParameter"),
        (104, "M_DuplicateParameter"),
        (105, "M_OverflowParameter"),
        (106, "M_OverflowField"),
        (107, "M_UnknownParameter"),
        (108, "M_UnknownField"),
        (109, "M_UnsupportedMessage"),
        (110, "M_UnsupportedVersion"),
        (111, "M_UnsupportedParameter"),
        (112, "M_UnexpectedMessage"),
        (200, "P_ParameterError"),
        (201, "P_FieldError"),
        (202, "P_UnexpectedParameter"),
        (203, "P_MissingParameter"),
        (204, "P_DuplicateParameter"),
        (205, "P_OverflowParameter"),
        (206, "P_OverflowField"),
        (207, "P_UnknownParameter"),
        (208, "P_UnknownField"),
        (209, "P_UnsupportedParameter"),
        (300, "A_Invalid"),
        (301, "A_OutOfRange"),
        (401, "R_DeviceError"),
    ],
};

pub static C1G2_DR_VALUE: Enumeration = Enumeration {
    name: "C1G2DRValue",
    words: &[(0, "DRV_8"), (1, "DRV_64_3")],
};

pub static C1G2_M_VALUE: Enumeration = Enumeration {
    name: "C1G2MValue",
    words: &[(0, "MV_FM0"), (1, "MV_2"), (2, "MV_4"), (3, "MV_8")],
};

pub static C1G2_FORWARD_LINK_MODULATION: Enumeration = Enumeration {
    name: "C1G2ForwardLinkModulation",
    words: &[(0, "PR_ASK"), (1, "SSB_ASK"), (2, "DSB_ASK")],
};

pub static C1G2_SPECTRAL_MASK_INDICATOR: Enumeration = Enumeration {
    name: "C1G2SpectralMaskIndicator",
    words: &[(0, "Unknown"), (1, "SI"), (2, "MI"), (3, "DI")],
};

pub static C1G2_TRUNCATE_ACTION: Enumeration = Enumeration {
    name: "C1G2TruncateAction",
    words: &[(0, "Unspecified"), (1, "Do_Not_Truncate"), (2, "Truncate")],
};

pub static C1G2_STATE_AWARE_TARGET: Enumeration = Enumeration {
    name: "C1G2StateAwareTarget",
    words: &[
        (0, "SL"),
        (1, "Inventoried_State_For_Session_S0"),
        (2, "Inventoried_State_For_Session_S1"),
        (3, "Inventoried_State_For_Session_S2"),
        (4, "Inventoried_State_For_Session_S3"),
    ],
};

pub static C1G2_STATE_AWARE_ACTION: Enumeration = Enumeration {
    name: "C1G2StateAwareAction",
    words: &[
        (0, "AssertSLOrA_DeassertSLOrB"),
        (1, "AssertSLOrA_Noop"),
        (2, "Noop_DeassertSLOrB"),
        (3, "NegateSLOrABBA_Noop"),
        (4, "DeassertSLOrB_AssertSLOrA"),
        (5, "DeassertSLOrB_Noop"),
        (6, "Noop_AssertSLOrA"),
        (7, "Noop_NegateSLOrABBA"),
    ],
};

pub static C1G2_STATE_UNAWARE_ACTION: Enumeration = Enumeration {
    name: "C1G2StateUnawareAction",
    words: &[
        (0, "Select_Unselect"),
        (1, "Select_DoNothing"),
        (2, "DoNothing_Unselect"),
        (3, "Unselect_DoNothing"),
        (4, "Unselect_Select"),
        (5, "DoNothing_Select"),
    ],
};

pub static C1G2_TAG_INVENTORY_STATE_AWARE_I: Enumeration = Enumeration {
    name: "C1G2TagInventoryStateAwareI",
    words: &[(0, "State_A"), (1, "State_B")],
};

pub static C1G2_TAG_INVENTORY_STATE_AWARE_S: Enumeration = Enumeration {
    name: "C1G2TagInventoryStateAwareS",
    words: &[(0, "SL"), (1, "Not_SL")],
};

pub static C1G2_LOCK_PRIVILEGE: Enumeration = Enumeration {
    name: "C1G2LockPrivilege",
    words: &[
        (0, "Read_Write"),
        (1, "Perma_Lock"),
        (2, "Perma_Unlock"),
        (3, "Unlock"),
    ],
};

pub static C1G2_LOCK_DATA_FIELD: Enumeration = Enumeration {
    name: "C1G2LockDataField",
    words: &[
        (0, "Kill_Password"),
        (1, "Access_Password"),
        (2, "EPC_Memory"),
        (3, "TID_Memory"),
        (4, "User_Memory"),
    ],
};

pub static C1G2_READ_RESULT_TYPE: Enumeration = Enumeration {
    name: "C1G2ReadResultType",
    words: &[
        (0, "Success"),
        (1, "Nonspecific_Tag_Error"),
        (2, "No_Response_From_Tag"),
        (3, "Nonspecific_Reader_Error"),
    ],
};

pub static C1G2_WRITE_RESULT_TYPE: Enumeration = Enumeration {
    name: "C1G2WriteResultType",
    words: &[
        (0, "Success"),
        (1, "Tag_Memory_Overrun_Error"),
        (2, "Tag_Memory_Locked_Error"),
        (3, "Insufficient_Power"),
        (4, "Nonspecific_Tag_Error"),
        (5, "No_Response_From_Tag"),
        (6, "Nonspecific_Reader_Error"),
    ],
};

pub static C1G2_KILL_RESULT_TYPE: Enumeration = Enumeration {
    name: "C1G2KillResultType",
    words: &[
        (0, "Success"),
        (1, "Zero_Kill_Password_Error"),
        (2, "Insufficient_Power"),
        (3, "Nonspecific_Tag_Error"),
        (4, "No_Response_From_Tag"),
        (5, "Nonspecific_Reader_Error"),
    ],
};

pub static C1G2_LOCK_RESULT_TYPE: Enumeration = Enumeration {
    name: "C1G2LockResultType",
    words: &[
        (0, "Success"),
        (1, "Insufficient_Power"),
        (2, "Nonspecific_Tag_Error"),
        (3, "No_Response_From_Tag"),
        (4, "Nonspecific_Reader_Error"),
    ],
};

pub static C1G2_BLOCK_ERASE_RESULT_TYPE: Enumeration = Enumeration {
    name: "C1G2BlockEraseResultType",
    words: &[
        (0, "Success"),
        (1, "Tag_Memory_Overrun_Error"),
        (2, "Tag_Memory_Locked_Error"),
        (3, "Insufficient_Power"),
        (4, "Nonspecific_Tag_Error"),
        (5, "No_Response_From_Tag"),
        (6, "Nonspecific_Reader_Error"),
    ],
};

pub static C1G2_BLOCK_WRITE_RESULT_TYPE: Enumeration = Enumeration {
    name: "C1G2BlockWriteResultType",
    words: &[
        (0, "Success"),
        (1, "Tag_Memory_Overrun_Error"),
        (2, "Tag_Memory_Locked_Error"),
        (3, "Insufficient_Power"),
        (4, "Nonspecific_Tag_Error"),
        (5, "No_Response_From_Tag"),
        (6, "Nonspecific_Reader_Error"),
    ],
};
