//! What the sample is made of: places, names, devices, pages, words. Lists only; nothing here draws.
//!
//! Names are common given and family names of each language, put together by chance. Firms and mail domains are
//! invented and end in `.example`, which belongs to nobody (RFC 2606).

/// A country, the languages its people's names come from (weighted), what it pays in, and its cities.
pub(super) struct Country {
    pub(super) code: &'static str,
    pub(super) name: &'static str,
    pub(super) continent: &'static str,
    pub(super) currency: &'static str,
    /// How many of the currency's units a US dollar is, for prices that look right.
    pub(super) per_dollar: u32,
    pub(super) names: &'static [(u32, &'static Names)],
    pub(super) cities: &'static [(u32, City)],
}

/// A city with its time zone. Offsets are standard time: a daylight hour would change nothing one could see.
pub(super) struct City {
    pub(super) name: &'static str,
    pub(super) region: &'static str,
    pub(super) zone: &'static str,
    pub(super) offset_minutes: i64,
    pub(super) latitude: f64,
    pub(super) longitude: f64,
}

/// Given and family names of one language. `display|latin` where the latin spelling is not evident.
pub(super) struct Names {
    pub(super) language: &'static str,
    pub(super) given: &'static [&'static str],
    pub(super) family: &'static [&'static str],
    pub(super) order: Order,
}

/// How a full name is put together.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    GivenFirst,
    FamilyFirst,
    /// Family first and no space between: Chinese, Japanese and Korean writing.
    Joined,
}

/// A browser on an operating system on a kind of device.
pub(super) struct Platform {
    pub(super) browser: &'static str,
    pub(super) browser_version: u32,
    pub(super) os: &'static str,
    pub(super) os_version: &'static str,
    pub(super) device_type: &'static str,
    pub(super) screen: (u32, u32),
}

/// Where a first visit came from.
pub(super) struct Source {
    pub(super) referrer: &'static str,
    pub(super) domain: &'static str,
    /// source, medium, campaign
    pub(super) utm: Option<(&'static str, &'static str, &'static str)>,
}

/// A page of the site or of the product: host and path.
pub(super) type Page = (&'static str, &'static str);

const fn city(
    name: &'static str,
    region: &'static str,
    zone: &'static str,
    offset_minutes: i64,
    latitude: f64,
    longitude: f64,
) -> City {
    City {
        name,
        region,
        zone,
        offset_minutes,
        latitude,
        longitude,
    }
}

macro_rules! country {
    ($code:literal $name:literal $continent:literal $currency:literal $rate:literal, [$($names:expr),+], [$($city:expr),+ $(,)?]) => {
        Country {
            code: $code, name: $name, continent: $continent, currency: $currency, per_dollar: $rate,
            names: &[$($names),+], cities: &[$($city),+],
        }
    };
}

#[rustfmt::skip]
pub(super) static COUNTRIES: &[(u32, Country)] = &[
    (260, country!("US" "United States" "NA" "USD" 1, [(6, &ENGLISH), (2, &SPANISH), (1, &CHINESE_LATIN), (1, &INDIAN_LATIN)], [
        (5, city("New York", "New York", "America/New_York", -300, 40.71, -74.01)),
        (4, city("San Francisco", "California", "America/Los_Angeles", -480, 37.77, -122.42)),
        (2, city("Austin", "Texas", "America/Chicago", -360, 30.27, -97.74)),
        (2, city("Chicago", "Illinois", "America/Chicago", -360, 41.88, -87.63)),
        (1, city("Denver", "Colorado", "America/Denver", -420, 39.74, -104.98)),
        (1, city("Honolulu", "Hawaii", "Pacific/Honolulu", -600, 21.31, -157.86)),
    ])),
    (110, country!("GB" "United Kingdom" "EU" "GBP" 1, [(5, &ENGLISH), (1, &INDIAN_LATIN)], [
        (4, city("London", "England", "Europe/London", 0, 51.51, -0.13)),
        (1, city("Manchester", "England", "Europe/London", 0, 53.48, -2.24)),
        (1, city("Edinburgh", "Scotland", "Europe/London", 0, 55.95, -3.19)),
    ])),
    (100, country!("DE" "Germany" "EU" "EUR" 1, [(5, &GERMAN), (1, &TURKISH)], [
        (4, city("Berlin", "Land Berlin", "Europe/Berlin", 60, 52.52, 13.41)),
        (2, city("München", "Bayern", "Europe/Berlin", 60, 48.14, 11.58)),
        (1, city("Köln", "Nordrhein-Westfalen", "Europe/Berlin", 60, 50.94, 6.96)),
    ])),
    (60, country!("FR" "France" "EU" "EUR" 1, [(1, &FRENCH)], [
        (4, city("Paris", "Île-de-France", "Europe/Paris", 60, 48.86, 2.35)),
        (1, city("Lyon", "Auvergne-Rhône-Alpes", "Europe/Paris", 60, 45.76, 4.84)),
    ])),
    (40, country!("NL" "Netherlands" "EU" "EUR" 1, [(1, &DUTCH)], [
        (3, city("Amsterdam", "Noord-Holland", "Europe/Amsterdam", 60, 52.37, 4.90)),
        (1, city("Utrecht", "Utrecht", "Europe/Amsterdam", 60, 52.09, 5.12)),
    ])),
    (35, country!("ES" "Spain" "EU" "EUR" 1, [(1, &SPANISH)], [
        (1, city("Madrid", "Madrid", "Europe/Madrid", 60, 40.42, -3.70)),
        (1, city("Barcelona", "Catalunya", "Europe/Madrid", 60, 41.39, 2.17)),
    ])),
    (35, country!("PL" "Poland" "EU" "PLN" 4, [(1, &POLISH)], [
        (2, city("Warszawa", "Mazowieckie", "Europe/Warsaw", 60, 52.23, 21.01)),
        (1, city("Kraków", "Małopolskie", "Europe/Warsaw", 60, 50.06, 19.94)),
    ])),
    (30, country!("SE" "Sweden" "EU" "SEK" 10, [(1, &NORDIC)], [
        (3, city("Stockholm", "Stockholms län", "Europe/Stockholm", 60, 59.33, 18.07)),
        (1, city("Malmö", "Skåne län", "Europe/Stockholm", 60, 55.60, 13.00)),
    ])),
    (6, country!("IS" "Iceland" "EU" "ISK" 138, [(1, &NORDIC)], [
        (1, city("Reykjavík", "Höfuðborgarsvæðið", "Atlantic/Reykjavik", 0, 64.15, -21.94)),
    ])),
    (70, country!("IN" "India" "AS" "INR" 84, [(3, &INDIAN_LATIN), (2, &HINDI)], [
        (4, city("Bengaluru", "Karnataka", "Asia/Kolkata", 330, 12.97, 77.59)),
        (2, city("Mumbai", "Maharashtra", "Asia/Kolkata", 330, 19.08, 72.88)),
    ])),
    (8, country!("NP" "Nepal" "AS" "NPR" 134, [(1, &HINDI)], [
        (1, city("Kathmandu", "Bagmati", "Asia/Kathmandu", 345, 27.72, 85.32)),
    ])),
    (45, country!("JP" "Japan" "AS" "JPY" 150, [(1, &JAPANESE)], [
        (3, city("Tokyo", "Tokyo", "Asia/Tokyo", 540, 35.68, 139.69)),
        (1, city("Osaka", "Osaka", "Asia/Tokyo", 540, 34.69, 135.50)),
    ])),
    (25, country!("KR" "South Korea" "AS" "KRW" 1380, [(1, &KOREAN)], [
        (1, city("Seoul", "Seoul", "Asia/Seoul", 540, 37.57, 126.98)),
    ])),
    (30, country!("CN" "China" "AS" "CNY" 7, [(1, &CHINESE)], [
        (2, city("Shanghai", "Shanghai", "Asia/Shanghai", 480, 31.23, 121.47)),
        (1, city("Shenzhen", "Guangdong", "Asia/Shanghai", 480, 22.54, 114.06)),
    ])),
    (20, country!("SG" "Singapore" "AS" "SGD" 1, [(2, &CHINESE_LATIN), (1, &INDIAN_LATIN)], [
        (1, city("Singapore", "Singapore", "Asia/Singapore", 480, 1.35, 103.82)),
    ])),
    (15, country!("TH" "Thailand" "AS" "THB" 35, [(1, &THAI)], [
        (1, city("Bangkok", "Bangkok", "Asia/Bangkok", 420, 13.76, 100.50)),
    ])),
    (15, country!("VN" "Vietnam" "AS" "VND" 25400, [(1, &VIETNAMESE)], [
        (1, city("Hà Nội", "Hà Nội", "Asia/Ho_Chi_Minh", 420, 21.03, 105.85)),
    ])),
    (18, country!("IL" "Israel" "AS" "ILS" 4, [(1, &HEBREW)], [
        (1, city("Tel Aviv", "Tel Aviv", "Asia/Jerusalem", 120, 32.09, 34.78)),
    ])),
    (18, country!("AE" "United Arab Emirates" "AS" "AED" 4, [(2, &ARABIC), (1, &INDIAN_LATIN)], [
        (1, city("Dubai", "Dubai", "Asia/Dubai", 240, 25.20, 55.27)),
    ])),
    (14, country!("EG" "Egypt" "AF" "EGP" 48, [(1, &ARABIC)], [
        (1, city("Cairo", "Cairo", "Africa/Cairo", 120, 30.04, 31.24)),
    ])),
    (12, country!("GR" "Greece" "EU" "EUR" 1, [(1, &GREEK)], [
        (1, city("Αθήνα", "Αττική", "Europe/Athens", 120, 37.98, 23.73)),
    ])),
    (18, country!("UA" "Ukraine" "EU" "UAH" 41, [(1, &UKRAINIAN)], [
        (2, city("Київ", "Київ", "Europe/Kyiv", 120, 50.45, 30.52)),
        (1, city("Львів", "Львівська область", "Europe/Kyiv", 120, 49.84, 24.03)),
    ])),
    (6, country!("GE" "Georgia" "AS" "GEL" 3, [(1, &GEORGIAN)], [
        (1, city("თბილისი", "თბილისი", "Asia/Tbilisi", 240, 41.72, 44.79)),
    ])),
    (16, country!("TR" "Türkiye" "AS" "TRY" 34, [(1, &TURKISH)], [
        (1, city("İstanbul", "İstanbul", "Europe/Istanbul", 180, 41.01, 28.98)),
    ])),
    (50, country!("BR" "Brazil" "SA" "BRL" 6, [(1, &PORTUGUESE)], [
        (3, city("São Paulo", "São Paulo", "America/Sao_Paulo", -180, -23.55, -46.63)),
        (1, city("Rio de Janeiro", "Rio de Janeiro", "America/Sao_Paulo", -180, -22.91, -43.17)),
    ])),
    (25, country!("MX" "Mexico" "NA" "MXN" 19, [(1, &SPANISH)], [
        (1, city("Ciudad de México", "Ciudad de México", "America/Mexico_City", -360, 19.43, -99.13)),
    ])),
    (40, country!("CA" "Canada" "NA" "CAD" 1, [(3, &ENGLISH), (2, &FRENCH)], [
        (2, city("Toronto", "Ontario", "America/Toronto", -300, 43.65, -79.38)),
        (1, city("Montréal", "Québec", "America/Toronto", -300, 45.50, -73.57)),
        (1, city("St. John's", "Newfoundland and Labrador", "America/St_Johns", -210, 47.56, -52.71)),
    ])),
    (20, country!("NG" "Nigeria" "AF" "NGN" 1600, [(1, &NIGERIAN)], [
        (1, city("Lagos", "Lagos", "Africa/Lagos", 60, 6.52, 3.38)),
    ])),
    (10, country!("KE" "Kenya" "AF" "KES" 129, [(1, &NIGERIAN)], [
        (1, city("Nairobi", "Nairobi", "Africa/Nairobi", 180, -1.29, 36.82)),
    ])),
    (5, country!("ET" "Ethiopia" "AF" "ETB" 120, [(1, &AMHARIC)], [
        (1, city("Addis Ababa", "Addis Ababa", "Africa/Addis_Ababa", 180, 9.03, 38.74)),
    ])),
    (35, country!("AU" "Australia" "OC" "AUD" 1, [(4, &ENGLISH), (1, &CHINESE_LATIN)], [
        (2, city("Sydney", "New South Wales", "Australia/Sydney", 600, -33.87, 151.21)),
        (1, city("Melbourne", "Victoria", "Australia/Melbourne", 600, -37.81, 144.96)),
    ])),
    (8, country!("NZ" "New Zealand" "OC" "NZD" 1, [(1, &ENGLISH)], [
        (1, city("Auckland", "Auckland", "Pacific/Auckland", 720, -36.85, 174.76)),
    ])),
];

macro_rules! names {
    ($id:ident $language:literal $order:ident: $($given:literal)+; $($family:literal)+) => {
        pub(super) static $id: Names = Names {
            language: $language, given: &[$($given),+], family: &[$($family),+], order: Order::$order,
        };
    };
}

names!(ENGLISH "en" GivenFirst:
    "Alice" "Ben" "Carol" "Dylan" "Erin" "Frank" "Grace" "Harry" "Isla" "Jack" "Kate" "Liam" "Megan" "Noah" "Olive" "Peter" "Quinn" "Ruth" "Sam" "Tess" "Una" "Victor" "Wendy" "Zoe";
    "Abbott" "Barker" "Carver" "Dawson" "Ellis" "Fletcher" "Granger" "Holt" "Ingram" "Jarvis" "Kemp" "Lowell" "Mercer" "Nash" "O'Dell" "Porter" "Quill" "Rowe" "Sutton" "Thorne" "Underhill" "Vance" "Whitaker" "Yardley");
names!(GERMAN "de" GivenFirst:
    "Anke" "Björn" "Claudia" "Dirk" "Elke" "Florian" "Gisela" "Holger" "Ines" "Jürgen" "Katrin" "Lars" "Miriam" "Norbert" "Sören" "Uta" "Wiebke";
    "Ackermann" "Böhm" "Dietrich" "Eßer" "Fuchs" "Großmann" "Hübner" "Jäger" "Köhler" "Lindner" "Müller" "Neumann" "Pöhl" "Richter" "Schäfer" "von der Heide" "Weiß" "Zöller");
names!(FRENCH "fr" GivenFirst:
    "Aurélie" "Benoît" "Chloé" "Damien" "Élodie" "François" "Gaëlle" "Hélène" "Inès" "Jérôme" "Loïc" "Maëlys" "Noël" "Océane" "Rémi" "Zoé";
    "Beaumont" "Chevalier" "Dupré" "Fontaine" "Garnier" "Hébert" "Lacroix" "Lefèvre" "Marchand" "Noël" "Perrault" "Rousseau" "Saint-Clair" "Thévenet" "Vasseur");
names!(DUTCH "nl" GivenFirst:
    "Anouk" "Bram" "Daan" "Eline" "Femke" "Gijs" "Hanneke" "Joris" "Lotte" "Maarten" "Noor" "Pim" "Sanne" "Wouter";
    "Bakker" "de Boer" "van Dijk" "Dekker" "Hendriks" "Kuiper" "Meijer" "van den Berg" "Postma" "Smit" "'t Hart" "Visser" "de Wit");
names!(SPANISH "es" GivenFirst:
    "Alba" "Andrés" "Begoña" "Carlos" "Elena" "Íñigo" "Javier" "José" "Lucía" "María" "Nuria" "Óscar" "Pilar" "Raúl" "Sofía" "Tomás";
    "Álvarez" "Castillo" "Domínguez" "Fernández" "García" "Herrera" "Ibáñez" "Jiménez" "López" "Muñoz" "Núñez" "Ortega" "Peña" "Quintana" "Ruiz" "Vázquez");
names!(POLISH "pl" GivenFirst:
    "Agnieszka" "Błażej" "Celina" "Dawid" "Elżbieta" "Grzegorz" "Halina" "Jacek" "Łucja" "Małgorzata" "Paweł" "Sławomir" "Żaneta";
    "Borkowska" "Cieślak" "Dąbrowski" "Głowacka" "Jabłoński" "Król" "Łukaszewicz" "Mączka" "Nowak" "Ołdak" "Szczepański" "Wójcik" "Źrebiec");
names!(NORDIC "sv" GivenFirst:
    "Åsa" "Birgitta" "Elin" "Freja" "Göran" "Håkan" "Ingrid" "Jón" "Linnéa" "Måns" "Oskar" "Signe" "Sæunn" "Þórdís";
    "Åberg" "Björk" "Dahl" "Ekström" "Gunnarsdóttir" "Håkansson" "Lindqvist" "Nyström" "Öberg" "Sigurðsson" "Sjögren" "Wästberg");
names!(PORTUGUESE "pt" GivenFirst:
    "Ângela" "Beatriz" "Caio" "Débora" "Estêvão" "Flávia" "Gonçalo" "Inês" "João" "Luísa" "Murilo" "Patrícia" "Thaís" "Vinícius";
    "Araújo" "Barros" "Conceição" "Figueiredo" "Gonçalves" "Lourenço" "Magalhães" "Nóbrega" "Pereira" "Queirós" "Simões" "Teixeira");
names!(TURKISH "tr" GivenFirst:
    "Ayşe" "Barış" "Çağla" "Deniz" "Emre" "Gökhan" "Işıl" "İlker" "Nuray" "Ömer" "Şebnem" "Ümit" "Yağmur";
    "Aksoy" "Çelik" "Doğan" "Güneş" "Işık" "Karataş" "Öztürk" "Şahin" "Tekin" "Uçar" "Yıldız");
names!(VIETNAMESE "vi" FamilyFirst:
    "An" "Bích Ngọc" "Đức" "Hương" "Khánh" "Linh" "Minh" "Phượng" "Quỳnh" "Thảo" "Tuấn" "Yến";
    "Bùi" "Đặng" "Đỗ" "Hoàng" "Lê" "Nguyễn" "Phạm" "Trần" "Võ" "Vũ");
names!(INDIAN_LATIN "en" GivenFirst:
    "Aarav" "Bhavna" "Chetan" "Deepa" "Farhan" "Gauri" "Harish" "Ishaan" "Jaya" "Kavita" "Lakshmi" "Manoj" "Neha" "Priya" "Rohan" "Sunita" "Tarun" "Vikram";
    "Agarwal" "Banerjee" "Chopra" "Deshpande" "Gupta" "Iyer" "Joshi" "Kulkarni" "Menon" "Nair" "Patel" "Rao" "Sharma" "Verma");
names!(HINDI "hi" GivenFirst:
    "आरव|aarav" "भावना|bhavna" "दीपा|deepa" "गौरी|gauri" "ईशान|ishaan" "कविता|kavita" "मनोज|manoj" "नेहा|neha" "प्रिया|priya" "रोहन|rohan" "सुनीता|sunita";
    "अग्रवाल|agarwal" "चौधरी|chaudhary" "गुप्ता|gupta" "जोशी|joshi" "मिश्रा|mishra" "पाण्डेय|pandey" "शर्मा|sharma" "श्रेष्ठ|shrestha" "वर्मा|verma");
names!(JAPANESE "ja" Joined:
    "葵|aoi" "大輔|daisuke" "恵美|emi" "春香|haruka" "健太|kenta" "美咲|misaki" "直樹|naoki" "さくら|sakura" "翔太|shota" "由紀|yuki";
    "阿部|abe" "遠藤|endo" "藤田|fujita" "長谷川|hasegawa" "石井|ishii" "小林|kobayashi" "中村|nakamura" "佐々木|sasaki" "高橋|takahashi" "渡辺|watanabe");
names!(KOREAN "ko" Joined:
    "도윤|doyun" "하은|haeun" "지훈|jihun" "민서|minseo" "서연|seoyeon" "수빈|subin" "유진|yujin" "예준|yejun";
    "강|kang" "김|kim" "박|park" "서|seo" "윤|yoon" "이|lee" "장|jang" "최|choi" "한|han");
names!(CHINESE "zh" Joined:
    "伟|wei" "芳|fang" "秀英|xiuying" "静|jing" "磊|lei" "晓明|xiaoming" "雪|xue" "志强|zhiqiang" "子涵|zihan" "建国|jianguo";
    "陈|chen" "黄|huang" "李|li" "林|lin" "刘|liu" "欧阳|ouyang" "王|wang" "吴|wu" "张|zhang" "赵|zhao");
names!(CHINESE_LATIN "en" GivenFirst:
    "Amy" "Darren" "Eunice" "Jia Hui" "Jun Wei" "Kelvin" "Mei Ling" "Wei Jie" "Xin Yi" "Zhi Hao";
    "Chan" "Cheng" "Goh" "Ho" "Koh" "Lim" "Ng" "Ong" "Tan" "Wong" "Yeo");
names!(THAI "th" GivenFirst:
    "กัญญา|kanya" "จิราพร|jiraporn" "ณัฐพล|natthaphon" "ธนา|thana" "ปิยะ|piya" "พิมพ์ใจ|phimjai" "สุภาพร|supaporn" "อรุณ|arun";
    "แก้วมณี|kaewmanee" "ทองดี|thongdee" "บุญมี|boonmee" "รุ่งเรือง|rungrueang" "ศรีสุข|srisuk" "สายทอง|saithong");
names!(HEBREW "he" GivenFirst:
    "אורי|ori" "ברק|barak" "דנה|dana" "יעל|yael" "נועה|noa" "עומר|omer" "רות|ruth" "שירה|shira" "תמר|tamar";
    "אברהמי|avrahami" "ברקוביץ|berkovich" "גולן|golan" "כהן|cohen" "לוי|levi" "מזרחי|mizrahi" "פרידמן|friedman" "שגיא|sagi");
names!(ARABIC "ar" GivenFirst:
    "أحمد|ahmed" "إيمان|iman" "خالد|khaled" "رانيا|rania" "سلمى|salma" "طارق|tarek" "عمر|omar" "فاطمة|fatima" "ليلى|layla" "نور|nour" "يوسف|youssef";
    "البغدادي|albaghdadi" "الحسيني|alhusseini" "الشامي|alshami" "العلي|alali" "المصري|almasri" "حداد|haddad" "خليل|khalil" "منصور|mansour" "نصار|nassar");
names!(GREEK "el" GivenFirst:
    "Αγγελική|angeliki" "Γιώργος|giorgos" "Δημήτρης|dimitris" "Ελένη|eleni" "Κώστας|kostas" "Νίκη|niki" "Σοφία|sofia" "Χρήστος|christos";
    "Αλεξίου|alexiou" "Βασιλάκης|vasilakis" "Γεωργίου|georgiou" "Ιωαννίδης|ioannidis" "Μαρκόπουλος|markopoulos" "Παπαδάκη|papadaki");
names!(UKRAINIAN "uk" GivenFirst:
    "Андрій|andrii" "Богдана|bohdana" "Дмитро|dmytro" "Іванна|ivanna" "Катерина|kateryna" "Микола|mykola" "Олена|olena" "Тарас|taras" "Юлія|yuliia";
    "Бондаренко|bondarenko" "Гриценко|hrytsenko" "Іванчук|ivanchuk" "Ковальчук|kovalchuk" "Мельник|melnyk" "Савченко|savchenko" "Ткаченко|tkachenko" "Шевчук|shevchuk");
names!(GEORGIAN "ka" GivenFirst:
    "ანა|ana" "გიორგი|giorgi" "ლევანი|levani" "მარიამი|mariami" "ნინო|nino" "თამარი|tamari";
    "ბერიძე|beridze" "გელაშვილი|gelashvili" "კაპანაძე|kapanadze" "ლომიძე|lomidze" "მაისურაძე|maisuradze");
names!(AMHARIC "am" GivenFirst:
    "አበበ|abebe" "ሐና|hanna" "ሰላም|selam" "ዳዊት|dawit" "ትዕግስት|tigist";
    "ተስፋዬ|tesfaye" "ከበደ|kebede" "ገብሬ|gebre" "ወልደ|wolde");
names!(NIGERIAN "en" GivenFirst:
    "Adébáyọ̀|adebayo" "Amara" "Chidi" "Damilola" "Emeka" "Folásadé|folasade" "Ifeoma" "Kẹ́hìndé|kehinde" "Nia" "Ọlá|ola" "Wanjiru" "Zawadi";
    "Abiola" "Balogun" "Eze" "Kamau" "Mwangi" "Nwosu" "Ọkọ́nkwọ́|okonkwo" "Otieno" "Ṣóyínká-Bello|soyinkabello" "Yusuf");

#[rustfmt::skip]
pub(super) static DESKTOPS: &[(u32, Platform)] = &[
    (30, Platform { browser: "Chrome", browser_version: 141, os: "Windows", os_version: "10", device_type: "Desktop", screen: (1920, 1080) }),
    (24, Platform { browser: "Chrome", browser_version: 141, os: "Mac OS X", os_version: "10.15.7", device_type: "Desktop", screen: (1512, 982) }),
    (9, Platform { browser: "Safari", browser_version: 26, os: "Mac OS X", os_version: "10.15.7", device_type: "Desktop", screen: (1440, 900) }),
    (10, Platform { browser: "Microsoft Edge", browser_version: 141, os: "Windows", os_version: "10", device_type: "Desktop", screen: (1536, 864) }),
    (7, Platform { browser: "Firefox", browser_version: 144, os: "Windows", os_version: "10", device_type: "Desktop", screen: (1920, 1080) }),
    (5, Platform { browser: "Firefox", browser_version: 144, os: "Linux", os_version: "", device_type: "Desktop", screen: (2560, 1440) }),
    (3, Platform { browser: "Chrome", browser_version: 139, os: "Linux", os_version: "", device_type: "Desktop", screen: (1920, 1200) }),
    (2, Platform { browser: "Chrome", browser_version: 140, os: "Chrome OS", os_version: "16371.0.0", device_type: "Desktop", screen: (1366, 768) }),
    (1, Platform { browser: "Opera", browser_version: 122, os: "Windows", os_version: "10", device_type: "Desktop", screen: (1366, 768) }),
];

#[rustfmt::skip]
pub(super) static MOBILES: &[(u32, Platform)] = &[
    (12, Platform { browser: "Mobile Safari", browser_version: 26, os: "iOS", os_version: "26.1", device_type: "Mobile", screen: (393, 852) }),
    (11, Platform { browser: "Chrome", browser_version: 141, os: "Android", os_version: "16", device_type: "Mobile", screen: (412, 915) }),
    (3, Platform { browser: "Samsung Internet", browser_version: 28, os: "Android", os_version: "15", device_type: "Mobile", screen: (384, 854) }),
    (2, Platform { browser: "Chrome iOS", browser_version: 141, os: "iOS", os_version: "18.7", device_type: "Mobile", screen: (430, 932) }),
    (2, Platform { browser: "Mobile Safari", browser_version: 18, os: "iOS", os_version: "18.6", device_type: "Tablet", screen: (820, 1180) }),
];

#[rustfmt::skip]
pub(super) static SOURCES: &[(u32, Source)] = &[
    (34, Source { referrer: "$direct", domain: "$direct", utm: None }),
    (22, Source { referrer: "https://search.example/", domain: "search.example", utm: None }),
    (8, Source { referrer: "https://search.example/", domain: "search.example", utm: Some(("search", "cpc", "brand-eu")) }),
    (6, Source { referrer: "https://search.example/", domain: "search.example", utm: Some(("search", "cpc", "reports & dashboards")) }),
    (9, Source { referrer: "$direct", domain: "$direct", utm: Some(("newsletter", "email", "spring-release")) }),
    (6, Source { referrer: "https://network.example/feed", domain: "network.example", utm: Some(("network", "social", "founders")) }),
    (5, Source { referrer: "https://forum.example/item?id=4711", domain: "forum.example", utm: None }),
    (4, Source { referrer: "https://code.example/tidewater", domain: "code.example", utm: None }),
    (3, Source { referrer: "https://partner.example/integrations", domain: "partner.example", utm: Some(("partner", "referral", "marketplace")) }),
    (3, Source { referrer: "https://чат.example/", domain: "xn--80a0bn.example", utm: Some(("podcast", "audio", "folge-12-größer")) }),
];

const SITE: &str = "www.tidewater.example";
const APP: &str = "app.tidewater.example";
pub(super) static MARKETING: &[(u32, Page)] = &[
    (30, (SITE, "/")),
    (18, (SITE, "/pricing")),
    (12, (SITE, "/features/reports")),
    (10, (SITE, "/features/dashboards")),
    (8, (SITE, "/customers")),
    (12, (SITE, "/docs/getting-started")),
    (6, (SITE, "/docs/api/persons?lang=python#identify")),
    (5, (SITE, "/blog/one-number-that-matters")),
    (3, (SITE, "/de/über-uns")),
    (2, (SITE, "/login")),
];
pub(super) static SIGN_UP: Page = (SITE, "/signup");
pub(super) static LOGIN: Page = (APP, "/login");
pub(super) static PRODUCT: &[(u32, Page)] = &[
    (24, (APP, "/home")),
    (20, (APP, "/dashboards")),
    (22, (APP, "/reports")),
    (8, (APP, "/reports/weekly?compare=true")),
    (8, (APP, "/people")),
    (5, (APP, "/alerts")),
    (5, (APP, "/exports")),
    (4, (APP, "/settings/team")),
    (3, (APP, "/settings/billing")),
    (1, (APP, "/search?q=r%C3%A9sum%C3%A9%20%2B%20100%25")),
];

pub(super) static INDUSTRIES: &[(u32, &str)] = &[
    (24, "Software"),
    (14, "Financial services"),
    (12, "E-commerce"),
    (10, "Healthcare"),
    (9, "Logistics"),
    (8, "Education"),
    (7, "Media"),
    (6, "Manufacturing"),
    (5, "Energy"),
    (3, "Public sector"),
    (2, "Food & beverage"),
];

pub(super) static COMPANY_HEADS: &[&str] = &[
    "Amber", "Birch", "Cinder", "Delta", "Ember", "Fjord", "Granite", "Harbor", "Iron", "Juniper",
    "Kestrel", "Lumen", "Meridian", "North", "Otter", "Pine", "Quartz", "Raven", "Silver",
    "Thistle", "Umbra", "Vesper", "Willow", "Yarrow", "Zephyr", "Blå", "Grün", "Clé", "Niño",
    "Øst",
];
pub(super) static COMPANY_TAILS: &[&str] = &[
    "beam", "bridge", "cove", "dale", "field", "forge", "gate", "haven", "leaf", "line", "mark",
    "path", "point", "ridge", "stone", "wave", "works", "yard",
];
pub(super) static COMPANY_KINDS: &[(u32, &str)] = &[
    (30, ""),
    (14, " Labs"),
    (10, " Systems"),
    (8, " GmbH"),
    (8, " Ltd."),
    (7, " & Co."),
    (6, " Inc."),
    (5, " Health"),
    (5, " S.A."),
    (3, " 株式会社"),
    (2, " \"Original\" AB"),
];

pub(super) static ROLES: &[(u32, &str)] = &[
    (22, "Engineer"),
    (18, "Product manager"),
    (12, "Founder"),
    (12, "Data analyst"),
    (10, "Marketing"),
    (8, "Designer"),
    (6, "Support"),
    (5, "Sales"),
    (4, "Finance"),
    (3, "R&D / Qualité"),
];

/// Mail for people who sign up without their firm.
pub(super) static FREE_MAIL: &[&str] = &["mail.example", "post.example", "inbox.example"];

pub(super) static ERRORS: &[&str] = &[
    "The report took too long",
    "Export failed",
    "You do not have access to this dashboard",
    "Something went wrong",
    "Die Verbindung wurde unterbrochen",
];
pub(super) static TOPICS: &[&str] = &["billing", "import", "login", "reports", "other"];
pub(super) static REASONS: &[&str] = &[
    "too expensive",
    "missing feature",
    "too many errors",
    "project ended",
    "",
];
pub(super) static REPORTS: &[&str] = &[
    "weekly",
    "monthly",
    "revenue",
    "retention",
    "Q3 — Vergleich",
    "ad hoc",
    "売上レポート",
    "churn <90 days",
];
pub(super) static SIGN_UP_METHODS: &[(u32, &str)] = &[(50, "google"), (35, "email"), (15, "sso")];
pub(super) static TEMPLATES: &[(u32, &str)] = &[
    (50, "blank"),
    (25, "web analytics"),
    (15, "revenue"),
    (10, "mobile app"),
];

/// A Latin spelling for addresses: what is not a letter or digit without its accent is left out.
pub(super) fn latin(text: &str) -> String {
    let mut result = String::new();
    for letter in text.chars() {
        let plain = match letter {
            'a'..='z' | '0'..='9' => {
                result.push(letter);
                continue;
            }
            'A'..='Z' => {
                result.push(letter.to_ascii_lowercase());
                continue;
            }
            'á' | 'à' | 'â' | 'ã' | 'å' | 'ą' | 'Á' | 'Â' | 'Å' | 'ả' | 'ạ' | 'ầ' | 'ấ' | 'ặ' => {
                "a"
            }
            'Đ' | 'đ' | 'ð' => "d",
            'ä' | 'æ' => "ae",
            'ç' | 'ć' | 'Ç' => "c",
            'é' | 'è' | 'ê' | 'ë' | 'ę' | 'É' | 'ế' | 'ễ' => "e",
            'ğ' => "g",
            'í' | 'î' | 'ï' | 'ì' | 'ı' | 'Í' | 'İ' => "i",
            'ł' | 'Ł' => "l",
            'ñ' | 'ń' => "n",
            'ó' | 'ô' | 'õ' | 'ø' | 'Ó' | 'Ø' | 'ọ' | 'ỗ' | 'ơ' | 'ợ' => "o",
            'ö' | 'Ö' => "oe",
            'ş' | 'ś' | 'Ş' | 'š' => "s",
            'ß' => "ss",
            'Þ' | 'þ' => "th",
            'ú' | 'ù' | 'û' | 'ư' | 'ũ' | 'Ú' | 'ụ' | 'ứ' => "u",
            'ü' | 'Ü' => "ue",
            'ý' | 'ỳ' => "y",
            'ż' | 'ź' | 'Ż' | 'Ź' => "z",
            _ => "",
        };
        result.push_str(plain);
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_has_a_latin_spelling() {
        let all = COUNTRIES
            .iter()
            .flat_map(|(_, country)| country.names)
            .map(|(_, names)| *names);
        for names in all {
            for name in names.given.iter().chain(names.family) {
                let (display, spelling) = name.split_once('|').unwrap_or((name, name));
                let spelling = latin(spelling);
                assert!(spelling.len() >= 2, "{display}: {spelling:?}");
                assert!(
                    spelling.bytes().all(|byte| byte.is_ascii_lowercase()),
                    "{display}: {spelling:?}"
                );
            }
        }
    }

    #[test]
    fn no_letter_of_a_latin_name_is_lost() {
        for names in [
            &ENGLISH,
            &GERMAN,
            &FRENCH,
            &DUTCH,
            &SPANISH,
            &POLISH,
            &NORDIC,
            &PORTUGUESE,
            &TURKISH,
            &VIETNAMESE,
        ] {
            for name in names.given.iter().chain(names.family) {
                let letters = name.chars().filter(|letter| letter.is_alphabetic()).count();
                assert!(latin(name).len() >= letters, "{name}: {}", latin(name));
            }
        }
    }
}
