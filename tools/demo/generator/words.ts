type List = readonly [string, ...string[]];

export const FIRST_NAMES: List = [
  ...(['Aisha', 'Alejandra', 'Amara', 'Anna', 'Björn', 'Carmen', 'Chiara', 'Chen', 'Daniel', 'Elif'] as const),
  ...(['Emma', 'Fatima', 'François', 'Gabriel', 'Hana', 'Ingrid', 'Iris', 'Jae-won', 'James', 'Kwame'] as const),
  ...(['Leïla', 'Lucía', 'Łukasz', 'Mateo', 'Mei', 'Nadia', 'Noémie', 'Ólafur', 'Olena', 'Priya'] as const),
  ...(['Ravi', 'Rosa', 'Samuel', 'Siân', 'Sofia', 'Tariq', 'Thị Hương', 'Tomás', 'Yūki', 'Zoë'] as const),
];

export const LAST_NAMES: List = [
  ...([
    'Abebe',
    'Andersson',
    'Bauer',
    'Çelik',
    'Costa',
    'Dubois',
    'Fernández',
    'García',
    'Haddad',
    'Hoffmann',
  ] as const),
  ...(['Ivanova', 'Jensen', 'Kaya', 'Kim', 'Kowalski', 'Lindqvist', 'Martínez', 'Mbeki', 'Meyer', 'Moreau'] as const),
  ...([
    'Murphy',
    'Nakamura',
    'Nguyễn',
    "O'Brien",
    'Okafor',
    'Olsen',
    'Papadopoulos',
    'Patel',
    'Quispe',
    'Rossi',
  ] as const),
  ...(['Sánchez', 'Sato', 'Schäfer', 'Silva', 'Singh', 'Smith', 'Tanaka', 'Virtanen', 'Wang', 'Yılmaz'] as const),
];

/** Beside the Latin ones. */
export const OTHER_NAMES: List = [
  '田中 陽子',
  'محمد الهاشمي',
  'Олена Шевченко',
  'Γιώργος Παπάς',
  '김 서연',
  'अनन्या शर्मा',
];

export const AGENCY_NAMES: List = [
  ...(['Andromeda', 'Apogee', 'Aurora', 'Cassini', 'Ceres', 'Corona', 'Eclipse', 'Galileo', 'Halley'] as const),
  ...(['Helios', 'Horizon', 'Ícaro', 'Kepler', 'Lagrange', 'Lúa', 'Meridian', 'Nebula', 'Nova', 'Orión'] as const),
  ...(['Perigee', 'Polaris', 'Pulsar', 'Quasar', 'Selene', 'Sirius', 'Solstice', 'Tycho', 'Vega', 'Zénith'] as const),
];
export const AGENCY_KINDS: List = [
  'Voyages',
  'Orbital',
  'Space Travel',
  'Launch Services',
  'Expeditions',
  'Spaceflight',
];
export const LEGAL_FORMS: List = ['S.L.', 'GmbH', 'Ltd', 'S.A.', 'Inc.', 'B.V.', 'K.K.', 'S.A.S.'];

export const STREETS: List = [
  'Calle Mayor',
  'Hauptstraße',
  'High Street',
  'Rue de la Paix',
  'Via Roma',
  'Prinsengracht',
];
export const CITIES: List = [
  '28013 Madrid, Spain',
  '10115 Berlin, Germany',
  'Kourou, French Guiana',
  'Titusville, FL 32796, United States',
  '75002 Paris, France',
  'Reykjavík, Iceland',
  '東京都千代田区, Japan',
  'Nairobi, Kenya',
  'São Paulo, Brazil',
  'Łódź, Poland',
];

export const ROCKET_NAMES: List = [
  'Albatross',
  'Condor',
  'Falke',
  'Heron',
  'Kestrel',
  'Osprey',
  'Petrel',
  'Swift',
  'Tern',
];

export const RANGES = ['low_earth', 'moon', 'mars'] as const;
export type Range = (typeof RANGES)[number];

export const DESTINATIONS: Readonly<Record<Range, List>> = {
  low_earth: ['Orbital Reef', 'Harmony Deck', 'Kármán Loop', 'Polar Sunrise Orbit', 'Starlight Station'],
  moon: ['Shackleton Crater', 'Sea of Tranquility', 'Lunar Gateway', 'Copernicus Rim', 'Far Side Flyby'],
  mars: ['Jezero Crater', 'Olympus Base', 'Arcadia Planitia', 'Phobos Outpost'],
};

export const SEATS: List = ['window', 'aisle', 'any', 'observation deck'];
export const DIETS: List = ['none', 'vegetarian', 'vegan', 'halal', 'kosher', 'gluten-free'];
export const WISHES: List = [
  'Would like to see the sunrise over the Pacific.',
  'First flight; please call before the launch.',
  'Voyage de noces, une bouteille serait parfaite 🥂.',
  'Le gustaría viajar junto a su hermana "Lola".',
  'Allergic to peanuts \\ tree nuts.',
  'Reist mit Kamera-Ausrüstung (12 kg).',
  'Needs step-free boarding.',
  '窓側の席を希望します。',
  'Fear of heights, which is a long story.\nAsk anyway.',
];
