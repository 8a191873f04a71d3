//! The parts of host names that have codes of their own (EPC Tag Data Standard 2.3, tables for host names).

/// Codes of seven bits that stand for a part instead of an ASCII character.
pub(super) static PARTS: [(u8, &str); 13] = [
    (0x1E, "qr."),
    (0x1F, "www."),
    (0x20, "id."),
    (0x5B, ".com"),
    (0x5C, ".org"),
    (0x5D, ".net"),
    (0x5E, ".int"),
    (0x60, ".edu"),
    (0x7B, ".gov"),
    (0x7C, ".mil"),
    (0x7D, ".biz"),
    (0x7E, ".eco"),
    (0x7F, ".med"),
];

/// The lists that codes 0 to 3 choose from; a second code of seven bits is the place in the list.
pub(super) static LISTS: [&[&str]; 4] = [&COUNTRIES_A_TO_LI, &COUNTRIES_LK_TO_Z, &COMPOUND, &OTHER];

#[rustfmt::skip]
static COUNTRIES_A_TO_LI: [&str; 128] = [
    ".ac", ".ad", ".ae", ".af", ".ag", ".ai", ".al", ".am", ".ao", ".aq", ".ar", ".as", ".at", ".au", ".aw",
    ".ax", ".az", ".ba", ".bb", ".bd", ".be", ".bf", ".bg", ".bh", ".bi", ".bj", ".bm", ".bn", ".bo", ".bq",
    ".br", ".bs", ".bt", ".bw", ".by", ".bz", ".ca", ".cc", ".cd", ".cf", ".cg", ".ch", ".ci", ".ck", ".cl",
    ".cm", ".cn", ".co", ".cr", ".cu", ".cv", ".cw", ".cx", ".cy", ".cz", ".de", ".dj", ".dk", ".dm", ".do",
    ".dz", ".ec", ".ee", ".eg", ".eh", ".er", ".es", ".et", ".eu", ".fi", ".fj", ".fk", ".fm", ".fo", ".fr",
    ".ga", ".gd", ".ge", ".gf", ".gg", ".gh", ".gi", ".gl", ".gm", ".gn", ".gp", ".gq", ".gr", ".gs", ".gt",
    ".gu", ".gw", ".gy", ".hk", ".hm", ".hn", ".hr", ".ht", ".hu", ".id", ".ie", ".il", ".im", ".in", ".io",
    ".iq", ".ir", ".is", ".it", ".je", ".jm", ".jo", ".jp", ".ke", ".kg", ".kh", ".ki", ".km", ".kn", ".kp",
    ".kr", ".kw", ".ky", ".kz", ".la", ".lb", ".lc", ".li",
];

#[rustfmt::skip]
static COUNTRIES_LK_TO_Z: [&str; 117] = [
    ".lk", ".lr", ".ls", ".lt", ".lu", ".lv", ".ly", ".ma", ".mc", ".md", ".me", ".mg", ".mh", ".mk", ".ml",
    ".mm", ".mn", ".mo", ".mp", ".mq", ".mr", ".ms", ".mt", ".mu", ".mv", ".mw", ".mx", ".my", ".mz", ".na",
    ".nc", ".ne", ".nf", ".ng", ".ni", ".nl", ".no", ".np", ".nr", ".nu", ".nz", ".om", ".pa", ".pe", ".pf",
    ".pg", ".ph", ".pk", ".pl", ".pm", ".pn", ".pr", ".ps", ".pt", ".pw", ".py", ".qa", ".re", ".ro", ".rs",
    ".ru", ".rw", ".sa", ".sb", ".sc", ".sd", ".se", ".sg", ".sh", ".si", ".sk", ".sl", ".sm", ".sn", ".sr",
    ".ss", ".st", ".su", ".sv", ".sx", ".sy", ".sz", ".tc", ".td", ".tf", ".tg", ".th", ".tj", ".tk", ".tl",
    ".tm", ".tn", ".to", ".tr", ".tt", ".tv", ".tw", ".tz", ".ua", ".ug", ".us", ".uy", ".uz", ".va", ".vc",
    ".ve", ".vg", ".vi", ".vn", ".vu", ".wf", ".ws", ".ye", ".yt", ".za", ".zm", ".zw",
];

#[rustfmt::skip]
static COMPOUND: [&str; 32] = [
    ".com.au", ".net.au", ".org.au", ".co.at", ".com.bd", ".co.bd", ".com.br", ".net.br", ".co.nz", ".com.ng",
    ".com.pk", ".co.in", ".com.in", ".co.il", ".co.jp", ".co.za", ".co.kr", ".com.es", ".com.lk", ".co.th",
    ".co.tt", ".com.tt", ".com.tr", ".biz.tr", ".com.ua", ".co.uk", ".co.zm", ".com.zm", ".com.cn", ".org.cn",
    ".net.cn", ".gov.cn",
];

#[rustfmt::skip]
static OTHER: [&str; 1] = [
    ".tech",
];
