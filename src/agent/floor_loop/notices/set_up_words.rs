//! The words about setting a device up, a table for each language.

use super::set_up::Words;

pub(super) static ENGLISH: Words = Words {
    code: "Set-up code",
    scan: "Scan the set-up code",
    wanted: [
        "Nothing else can be scanned before that.",
        "The administrator prints it, on the hub's page Devices.",
    ],
    taken: ["The set-up code is taken.", "The device signs in to the hub."],
    damaged: [
        "The set-up code is damaged or incomplete.",
        "Scan it once more, or type it.",
    ],
    newer: [
        "The set-up code is of a newer program.",
        "Install the newer program on this device first.",
    ],
    other_hub: [
        "This device's own configuration names another hub.",
        "The administrator has to empty hub.url there.",
    ],
    not_kept: [
        "The set-up code could not be stored.",
        "Bring the device to the administrator.",
    ],
    already: [
        "This device is set up already: nothing was changed.",
        "To set it up anew, the administrator sets its store aside.",
    ],
    awaits: [
        "The hub knows this device and waits for a yes.",
        "An administrator lets it in, on the page Devices.",
    ],
    code_refused: [
        "The hub refuses this code: it is used up or has ended.",
        "Ask the administrator for a new one and scan it.",
    ],
    wrong_hub: [
        "Somebody else answers in the hub's place.",
        "Do not go on. Tell the administrator.",
    ],
    out_of_reach: [
        "The hub cannot be reached. It is tried again.",
        "Check the network, or scan another set-up code.",
    ],
    done: "This device is set up.",
    not_taken: "Not taken",
    looked_at: "An administrator is looking at this screen.",
    parts: [
        "site", "profile", "language", "sound", "keys", "scanners", "network",
    ],
};

pub(super) static GERMAN: Words = Words {
    code: "Einrichtungscode",
    scan: "Scanne den Einrichtungscode",
    wanted: [
        "Vorher kann nichts anderes gescannt werden.",
        "Die Verwaltung druckt ihn, auf der Hub-Seite Geräte.",
    ],
    taken: [
        "Der Einrichtungscode ist übernommen.",
        "Das Gerät meldet sich beim Hub an.",
    ],
    damaged: [
        "Der Einrichtungscode ist beschädigt oder unvollständig.",
        "Scanne ihn noch einmal oder tippe ihn ein.",
    ],
    newer: [
        "Der Einrichtungscode ist von einem neueren Programm.",
        "Erst das neuere Programm auf diesem Gerät installieren.",
    ],
    other_hub: [
        "Die Konfiguration dieses Geräts nennt einen anderen Hub.",
        "Die Verwaltung muss dort hub.url leeren.",
    ],
    not_kept: [
        "Der Einrichtungscode ließ sich nicht speichern.",
        "Bring das Gerät zur Verwaltung.",
    ],
    already: [
        "Dieses Gerät ist schon eingerichtet: nichts wurde geändert.",
        "Neu eingerichtet wird es, wenn die Verwaltung den Speicher beiseitelegt.",
    ],
    awaits: [
        "Der Hub kennt dieses Gerät und wartet auf ein Ja.",
        "Die Verwaltung lässt es zu, auf der Seite Geräte.",
    ],
    code_refused: [
        "Der Hub lehnt diesen Code ab: verbraucht oder abgelaufen.",
        "Lass dir einen neuen geben und scanne ihn.",
    ],
    wrong_hub: [
        "Jemand anderes antwortet statt des Hubs.",
        "Nicht weitermachen. Sag der Verwaltung Bescheid.",
    ],
    out_of_reach: [
        "Der Hub ist nicht erreichbar. Es wird weiter versucht.",
        "Prüfe das Netz, oder scanne einen anderen Code.",
    ],
    done: "Dieses Gerät ist eingerichtet.",
    not_taken: "Nicht übernommen",
    looked_at: "Die Verwaltung sieht sich diesen Bildschirm an.",
    parts: [
        "Standort", "Profil", "Sprache", "Ton", "Tasten", "Scanner", "Netz",
    ],
};

pub(super) static SPANISH: Words = Words {
    code: "Código de configuración",
    scan: "Escanea el código de configuración",
    wanted: [
        "Antes de eso no se puede escanear nada más.",
        "El administrador lo imprime en la página Devices del hub.",
    ],
    taken: [
        "El código de configuración está aceptado.",
        "El dispositivo se registra en el hub.",
    ],
    damaged: [
        "El código de configuración está dañado o incompleto.",
        "Escanéalo otra vez o tecléalo.",
    ],
    newer: [
        "El código es de un programa más nuevo.",
        "Primero instala el programa nuevo en este dispositivo.",
    ],
    other_hub: [
        "La configuración de este dispositivo nombra otro hub.",
        "El administrador tiene que vaciar hub.url.",
    ],
    not_kept: [
        "El código no se pudo guardar.",
        "Lleva el dispositivo al administrador.",
    ],
    already: [
        "Este dispositivo ya está configurado: no se cambió nada.",
        "Para empezar de nuevo, el administrador aparta su almacén.",
    ],
    awaits: [
        "El hub conoce este dispositivo y espera un sí.",
        "Un administrador lo admite en la página Devices.",
    ],
    code_refused: [
        "El hub rechaza este código: usado o caducado.",
        "Pide uno nuevo al administrador y escanéalo.",
    ],
    wrong_hub: [
        "Otro responde en lugar del hub.",
        "No sigas. Avisa al administrador.",
    ],
    out_of_reach: [
        "No se llega al hub. Se sigue intentando.",
        "Revisa la red o escanea otro código.",
    ],
    done: "Este dispositivo está configurado.",
    not_taken: "No aceptado",
    looked_at: "Un administrador está viendo esta pantalla.",
    parts: [
        "sitio",
        "perfil",
        "idioma",
        "sonido",
        "teclas",
        "escáneres",
        "red",
    ],
};

pub(super) static POLISH: Words = Words {
    code: "Kod konfiguracji",
    scan: "Zeskanuj kod konfiguracji",
    wanted: [
        "Przedtem nie można skanować nic innego.",
        "Administrator drukuje go na stronie Devices huba.",
    ],
    taken: ["Kod konfiguracji przyjęty.", "Urządzenie rejestruje się w hubie."],
    damaged: [
        "Kod konfiguracji jest uszkodzony lub niepełny.",
        "Zeskanuj go jeszcze raz albo wpisz.",
    ],
    newer: [
        "Kod pochodzi z nowszego programu.",
        "Najpierw zainstaluj nowszy program na tym urządzeniu.",
    ],
    other_hub: [
        "Konfiguracja tego urządzenia wskazuje inny hub.",
        "Administrator musi tam opróżnić hub.url.",
    ],
    not_kept: [
        "Nie udało się zapisać kodu.",
        "Zanieś urządzenie do administratora.",
    ],
    already: [
        "To urządzenie jest już skonfigurowane: nic nie zmieniono.",
        "Aby zacząć od nowa, administrator odkłada jego pamięć.",
    ],
    awaits: [
        "Hub zna to urządzenie i czeka na zgodę.",
        "Administrator dopuszcza je na stronie Devices.",
    ],
    code_refused: [
        "Hub odrzuca ten kod: zużyty lub wygasł.",
        "Poproś administratora o nowy i zeskanuj go.",
    ],
    wrong_hub: [
        "Ktoś inny odpowiada zamiast huba.",
        "Nie kontynuuj. Powiadom administratora.",
    ],
    out_of_reach: [
        "Hub jest nieosiągalny. Próby trwają.",
        "Sprawdź sieć albo zeskanuj inny kod.",
    ],
    done: "To urządzenie jest skonfigurowane.",
    not_taken: "Nie przyjęto",
    looked_at: "Administrator ogląda ten ekran.",
    parts: [
        "miejsce", "profil", "język", "dźwięk", "klawisze", "skanery", "sieć",
    ],
};

pub(super) static ROMANIAN: Words = Words {
    code: "Cod de configurare",
    scan: "Scanează codul de configurare",
    wanted: [
        "Înainte de asta nu se poate scana altceva.",
        "Administratorul îl tipărește pe pagina Devices a hubului.",
    ],
    taken: [
        "Codul de configurare este preluat.",
        "Dispozitivul se înregistrează la hub.",
    ],
    damaged: [
        "Codul de configurare este deteriorat sau incomplet.",
        "Scanează-l din nou sau tastează-l.",
    ],
    newer: [
        "Codul este de la un program mai nou.",
        "Instalează întâi programul nou pe acest dispozitiv.",
    ],
    other_hub: [
        "Configurația acestui dispozitiv numește alt hub.",
        "Administratorul trebuie să golească hub.url.",
    ],
    not_kept: ["Codul nu a putut fi salvat.", "Du dispozitivul la administrator."],
    already: [
        "Acest dispozitiv este deja configurat: nimic nu s-a schimbat.",
        "Pentru reluare, administratorul îi pune deoparte memoria.",
    ],
    awaits: [
        "Hubul cunoaște dispozitivul și așteaptă acordul.",
        "Un administrator îl admite pe pagina Devices.",
    ],
    code_refused: [
        "Hubul refuză acest cod: folosit sau expirat.",
        "Cere unul nou administratorului și scanează-l.",
    ],
    wrong_hub: [
        "Altcineva răspunde în locul hubului.",
        "Nu continua. Anunță administratorul.",
    ],
    out_of_reach: [
        "Hubul nu poate fi contactat. Se încearcă mai departe.",
        "Verifică rețeaua sau scanează alt cod.",
    ],
    done: "Acest dispozitiv este configurat.",
    not_taken: "Nepreluat",
    looked_at: "Un administrator se uită la acest ecran.",
    parts: ["locație", "profil", "limbă", "sunet", "taste", "scanere", "rețea"],
};

pub(super) static TURKISH: Words = Words {
    code: "Kurulum kodu",
    scan: "Kurulum kodunu okut",
    wanted: [
        "Ondan önce başka bir şey okutulamaz.",
        "Yönetici onu merkezin Devices sayfasında basar.",
    ],
    taken: ["Kurulum kodu alındı.", "Cihaz merkeze kaydoluyor."],
    damaged: ["Kurulum kodu hasarlı ya da eksik.", "Bir daha okut ya da yaz."],
    newer: [
        "Kurulum kodu daha yeni bir programdan.",
        "Önce bu cihaza yeni programı kur.",
    ],
    other_hub: [
        "Bu cihazın ayarları başka bir merkezi gösteriyor.",
        "Yönetici orada hub.url değerini boşaltmalı.",
    ],
    not_kept: ["Kurulum kodu saklanamadı.", "Cihazı yöneticiye götür."],
    already: [
        "Bu cihaz zaten kurulu: hiçbir şey değişmedi.",
        "Yeniden kurmak için yönetici belleğini kenara koyar.",
    ],
    awaits: [
        "Merkez bu cihazı tanıyor ve onay bekliyor.",
        "Bir yönetici onu Devices sayfasında kabul eder.",
    ],
    code_refused: [
        "Merkez bu kodu reddediyor: kullanılmış ya da bitmiş.",
        "Yöneticiden yenisini iste ve okut.",
    ],
    wrong_hub: [
        "Merkezin yerine başkası yanıt veriyor.",
        "Devam etme. Yöneticiye haber ver.",
    ],
    out_of_reach: [
        "Merkeze ulaşılamıyor. Yeniden deneniyor.",
        "Ağı denetle ya da başka bir kod okut.",
    ],
    done: "Bu cihaz kuruldu.",
    not_taken: "Alınmadı",
    looked_at: "Bir yönetici bu ekrana bakıyor.",
    parts: ["yer", "profil", "dil", "ses", "tuşlar", "okuyucular", "ağ"],
};

pub(super) static UKRAINIAN: Words = Words {
    code: "Код налаштування",
    scan: "Відскануй код налаштування",
    wanted: [
        "До того нічого іншого сканувати не можна.",
        "Адміністратор друкує його на сторінці Devices центру.",
    ],
    taken: ["Код налаштування прийнято.", "Пристрій реєструється в центрі."],
    damaged: [
        "Код налаштування пошкоджений або неповний.",
        "Відскануй його ще раз або введи.",
    ],
    newer: [
        "Код із новішої програми.",
        "Спершу встанови новішу програму на цей пристрій.",
    ],
    other_hub: [
        "Налаштування цього пристрою називають інший центр.",
        "Адміністратор має очистити hub.url.",
    ],
    not_kept: ["Код не вдалося зберегти.", "Віднеси пристрій адміністраторові."],
    already: [
        "Пристрій уже налаштовано: нічого не змінено.",
        "Щоб почати знову, адміністратор відкладає його сховище.",
    ],
    awaits: [
        "Центр знає цей пристрій і чекає на згоду.",
        "Адміністратор допускає його на сторінці Devices.",
    ],
    code_refused: [
        "Центр відхиляє цей код: використаний або прострочений.",
        "Попроси в адміністратора новий і відскануй.",
    ],
    wrong_hub: [
        "Замість центру відповідає хтось інший.",
        "Не продовжуй. Повідом адміністратора.",
    ],
    out_of_reach: [
        "Центр недосяжний. Спроби тривають.",
        "Перевір мережу або відскануй інший код.",
    ],
    done: "Пристрій налаштовано.",
    not_taken: "Не прийнято",
    looked_at: "Адміністратор дивиться на цей екран.",
    parts: ["місце", "профіль", "мова", "звук", "клавіші", "сканери", "мережа"],
};

pub(super) static CHINESE: Words = Words {
    code: "设置码",
    scan: "请扫描设置码",
    wanted: [
        "在此之前不能扫描别的。",
        "管理员在服务器的 Devices 页打印设置码。",
    ],
    taken: ["设置码已接受。", "本设备正在向服务器注册。"],
    damaged: ["设置码损坏或不完整。", "请再扫一次，或手工输入。"],
    newer: ["设置码来自更新的程序。", "请先在本设备安装新程序。"],
    other_hub: ["本设备的配置写的是另一台服务器。", "管理员须清空其中的 hub.url。"],
    not_kept: ["设置码无法保存。", "请把设备交给管理员。"],
    already: [
        "本设备已经设置好：没有改动。",
        "要重新设置，请管理员移开它的存储。",
    ],
    awaits: ["服务器认识本设备，正等待批准。", "请管理员在 Devices 页放行。"],
    code_refused: ["服务器拒绝此码：已用完或过期。", "请向管理员要新码再扫。"],
    wrong_hub: ["有别人冒充服务器应答。", "请停下，并告诉管理员。"],
    out_of_reach: ["连不上服务器，会继续尝试。", "请检查网络，或扫描另一个码。"],
    done: "本设备已设置好。",
    not_taken: "未接受",
    looked_at: "管理员正在看这个屏幕。",
    parts: ["站点", "配置", "语言", "声音", "按键", "扫描器", "网络"],
};
