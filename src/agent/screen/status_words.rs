//! What the status bar says, in every language: whole sentences, with `{n}` for how many and `{age}` for how long.

use tallyman_floor::Language;

/// The sentences of one language. Where there are two, the second is the short one, for narrow panels.
pub(super) struct Texts {
    /// The disk is full.
    pub full: [&'static str; 2],
    /// The disk takes no writes.
    pub failing: [&'static str; 2],
    /// The hub does not let the device in, and something waits.
    pub refused_waiting: [&'static str; 2],
    /// The hub does not let the device in.
    pub refused: [&'static str; 2],
    /// An administrator has blocked the device.
    pub blocked: [&'static str; 2],
    /// It belongs to no hub yet.
    pub unenrolled: &'static str,
    /// In reach, and nothing waits.
    pub online: [&'static str; 2],
    /// Out of reach, and nothing waits.
    pub offline: [&'static str; 2],
    /// Confirmations wait, and since when.
    pub waiting_since: [&'static str; 2],
    /// Confirmations wait.
    pub waiting: [&'static str; 2],
    /// Units: minutes, hours, days.
    pub ages: [&'static str; 3],
    /// What was done since log-in: with how fast, and alone; lines are `{n}`.
    pub shift: [&'static str; 2],
    /// What was done of what is expected of the shift, `{n}` of `{of}`.
    pub shift_of: &'static str,
}

/// The sentences of a language.
pub(super) const fn texts(language: Language) -> &'static Texts {
    match language {
        Language::English => &ENGLISH,
        Language::German => &GERMAN,
        Language::Spanish => &SPANISH,
        Language::Polish => &POLISH,
        Language::Romanian => &ROMANIAN,
        Language::Turkish => &TURKISH,
        Language::Ukrainian => &UKRAINIAN,
        Language::Chinese => &CHINESE,
    }
}

const ENGLISH: Texts = Texts {
    full: ["Storage full: nothing more counts", "Storage full"],
    failing: ["Storage failing: nothing more counts", "Storage failing"],
    refused_waiting: ["Hub refuses this device, {n} waiting", "Refused, {n} waiting"],
    refused: ["Hub refuses this device", "Refused"],
    blocked: ["Device blocked, ask your supervisor", "Device blocked"],
    unenrolled: "Not enrolled",
    online: ["Online, all sent", "Online"],
    offline: ["Offline, all sent", "Offline"],
    waiting_since: [
        "{n} waiting, oldest {age}, all safe",
        "{n} waiting, {age}, all safe",
    ],
    waiting: ["{n} waiting, all safe", "{n} waiting"],
    ages: ["min", "h", "days"],
    shift: ["Shift: {n} lines, {rate} an hour", "Shift: {n} lines"],
    shift_of: "Shift: {n} of {of} lines",
};

const GERMAN: Texts = Texts {
    full: ["Speicher voll: nichts zählt mehr", "Speicher voll"],
    failing: ["Speicher defekt: nichts zählt mehr", "Speicher defekt"],
    refused_waiting: ["Hub lehnt das Gerät ab, {n} warten", "Abgelehnt, {n} warten"],
    refused: ["Hub lehnt das Gerät ab", "Abgelehnt"],
    blocked: ["Gerät gesperrt, frag deine Leitung", "Gerät gesperrt"],
    unenrolled: "Nicht angemeldet",
    online: ["Online, alles gesendet", "Online"],
    offline: ["Offline, alles gesendet", "Offline"],
    waiting_since: ["{n} warten seit {age}, alles sicher", "{n} warten, {age}, sicher"],
    waiting: ["{n} warten, sicher", "{n} warten"],
    ages: ["Min.", "Std.", "Tagen"],
    shift: ["Schicht: {n} Zeilen, {rate} pro Stunde", "Schicht: {n} Zeilen"],
    shift_of: "Schicht: {n} von {of} Zeilen",
};

const SPANISH: Texts = Texts {
    full: ["Memoria llena: ya no cuenta nada", "Memoria llena"],
    failing: ["Fallo de memoria: ya no cuenta nada", "Fallo de memoria"],
    refused_waiting: [
        "El hub rechaza este equipo, {n} en espera",
        "Rechazado, {n} en espera",
    ],
    refused: ["El hub rechaza este equipo", "Rechazado"],
    blocked: ["Equipo bloqueado, avisa a tu responsable", "Equipo bloqueado"],
    unenrolled: "Sin registrar",
    online: ["En línea, todo enviado", "En línea"],
    offline: ["Sin conexión, todo enviado", "Sin conexión"],
    waiting_since: [
        "{n} en espera desde hace {age}, todo a salvo",
        "{n} en espera, {age}, a salvo",
    ],
    waiting: ["{n} en espera, a salvo", "{n} en espera"],
    ages: ["min", "h", "días"],
    shift: ["Turno: {n} líneas, {rate} por hora", "Turno: {n} líneas"],
    shift_of: "Turno: {n} de {of} líneas",
};

const POLISH: Texts = Texts {
    full: ["Pamięć pełna: nic się już nie liczy", "Pamięć pełna"],
    failing: ["Pamięć zawodzi: nic się już nie liczy", "Pamięć zawodzi"],
    refused_waiting: ["Hub odrzuca urządzenie, czeka: {n}", "Odrzucone, czeka: {n}"],
    refused: ["Hub odrzuca urządzenie", "Odrzucone"],
    blocked: ["Urządzenie zablokowane, spytaj przełożonego", "Zablokowane"],
    unenrolled: "Niezarejestrowane",
    online: ["Online, wszystko wysłane", "Online"],
    offline: ["Offline, wszystko wysłane", "Offline"],
    waiting_since: [
        "Czeka: {n} od {age}, nic nie zginie",
        "Czeka: {n}, {age}, zapisane",
    ],
    waiting: ["Czeka: {n}, zapisane", "Czeka: {n}"],
    ages: ["min", "godz.", "dni"],
    shift: ["Zmiana: {n} poz., {rate} na godzinę", "Zmiana: {n} poz."],
    shift_of: "Zmiana: {n} z {of} poz.",
};

const ROMANIAN: Texts = Texts {
    full: ["Memorie plină: nimic nu mai contează", "Memorie plină"],
    failing: ["Memorie defectă: nimic nu mai contează", "Memorie defectă"],
    refused_waiting: [
        "Hubul refuză dispozitivul, {n} în așteptare",
        "Refuzat, {n} în așteptare",
    ],
    refused: ["Hubul refuză dispozitivul", "Refuzat"],
    blocked: ["Dispozitiv blocat, întreabă-ți șeful", "Dispozitiv blocat"],
    unenrolled: "Neînregistrat",
    online: ["Online, totul trimis", "Online"],
    offline: ["Offline, totul trimis", "Offline"],
    waiting_since: [
        "{n} în așteptare de {age}, totul salvat",
        "{n} în așteptare, {age}, salvat",
    ],
    waiting: ["{n} în așteptare, salvat", "{n} în așteptare"],
    ages: ["min", "h", "zile"],
    shift: ["Tură: {n} linii, {rate} pe oră", "Tură: {n} linii"],
    shift_of: "Tură: {n} din {of} linii",
};

const TURKISH: Texts = Texts {
    full: ["Bellek dolu: artık hiçbir şey sayılmaz", "Bellek dolu"],
    failing: ["Bellek arızalı: artık hiçbir şey sayılmaz", "Bellek arızalı"],
    refused_waiting: [
        "Hub bu cihazı reddediyor, {n} bekliyor",
        "Reddedildi, {n} bekliyor",
    ],
    refused: ["Hub bu cihazı reddediyor", "Reddedildi"],
    blocked: ["Cihaz engellendi, sorumluna sor", "Cihaz engellendi"],
    unenrolled: "Kayıtlı değil",
    online: ["Çevrimiçi, hepsi gönderildi", "Çevrimiçi"],
    offline: ["Çevrimdışı, hepsi gönderildi", "Çevrimdışı"],
    waiting_since: [
        "{n} bekliyor, en eskisi {age}, güvende",
        "{n} bekliyor, {age}, güvende",
    ],
    waiting: ["{n} bekliyor, güvende", "{n} bekliyor"],
    ages: ["dk", "sa", "gün"],
    shift: ["Vardiya: {n} satır, saatte {rate}", "Vardiya: {n} satır"],
    shift_of: "Vardiya: {n} / {of} satır",
};

const UKRAINIAN: Texts = Texts {
    full: ["Пам’ять повна: більше нічого не зараховується", "Пам’ять повна"],
    failing: [
        "Пам’ять несправна: більше нічого не зараховується",
        "Пам’ять несправна",
    ],
    refused_waiting: ["Хаб відхиляє пристрій, чекає: {n}", "Відхилено, чекає: {n}"],
    refused: ["Хаб відхиляє пристрій", "Відхилено"],
    blocked: ["Пристрій заблоковано, спитай керівника", "Заблоковано"],
    unenrolled: "Не зареєстровано",
    online: ["Онлайн, усе надіслано", "Онлайн"],
    offline: ["Офлайн, усе надіслано", "Офлайн"],
    waiting_since: [
        "Чекає: {n}, найдовше {age}, збережено",
        "Чекає: {n}, {age}, збережено",
    ],
    waiting: ["Чекає: {n}, збережено", "Чекає: {n}"],
    ages: ["хв", "год", "дн."],
    shift: ["Зміна: {n} рядків, {rate} за годину", "Зміна: {n} рядків"],
    shift_of: "Зміна: {n} з {of} рядків",
};

const CHINESE: Texts = Texts {
    full: ["存储已满：不再计数", "存储已满"],
    failing: ["存储故障：不再计数", "存储故障"],
    refused_waiting: ["服务器拒绝此设备，{n} 条待发", "被拒绝，{n} 条待发"],
    refused: ["服务器拒绝此设备", "被拒绝"],
    blocked: ["设备已停用，请找主管", "设备已停用"],
    unenrolled: "未注册",
    online: ["在线，已全部发送", "在线"],
    offline: ["离线，已全部发送", "离线"],
    waiting_since: ["{n} 条待发，最早 {age}前，已保存", "{n} 条待发，{age}，已保存"],
    waiting: ["{n} 条待发，已保存", "{n} 条待发"],
    ages: ["分钟", "小时", "天"],
    shift: ["本班：{n} 行，每小时 {rate} 行", "本班：{n} 行"],
    shift_of: "本班：{n} / {of} 行",
};
