import type { ImportKind, OrganisationField, PersonField } from './types.ts'

/*
 * Words by which lists of people and organisations are recognised, in Russian and English. They belong to the
 * files that people bring and not to the interface, so they do not depend on the language chosen by the reader.
 * All are written as wordsKey() gives them: lower case, е for ё, no punctuation.
 */

/** Headings of a list of people: the first are the usual ones. */
export const PERSON_HEADINGS: Record<PersonField, string[]> = {
  fullName: [
    'фио',
    'ф и о',
    'фамилия имя отчество',
    'фамилия имя отчество полностью',
    'фио полностью',
    'фио сотрудника',
    'фио педагога',
    'фио слушателя',
    'фио участника',
    'фио работника',
    'ф и о сотрудника',
    'ф и о педагога',
    'ф и о слушателя',
    'фамилия имя',
    'фамилия и имя',
    'фамилия и о',
    'сотрудник',
    'педагог',
    'работник',
    'слушатель',
    'участник',
    'full name',
    'fullname',
    'name',
    'person',
    'employee',
  ],
  lastName: ['фамилия', 'фамилия слушателя', 'last name', 'lastname', 'surname', 'family name'],
  firstName: ['имя', 'имя слушателя', 'first name', 'firstname', 'given name'],
  middleName: ['отчество', 'отчество при наличии', 'отчество слушателя', 'middle name', 'middlename', 'patronymic'],
  birthDate: [
    'дата рождения',
    'день рождения',
    'др',
    'д р',
    'год рождения',
    'дата рожд',
    'birth date',
    'birthdate',
    'date of birth',
    'birthday',
    'dob',
  ],
  email: [
    'email',
    'e mail',
    'mail',
    'почта',
    'электронная почта',
    'эл почта',
    'адрес электронной почты',
    'электронный адрес',
    'эл адрес',
    'личная почта',
    'email address',
    'емейл',
    'имейл',
  ],
  phone: [
    'телефон',
    'тел',
    'мобильный телефон',
    'контактный телефон',
    'сотовый телефон',
    'номер телефона',
    'мобильный',
    'моб телефон',
    'телефоны',
    'phone',
    'phone number',
    'telephone',
    'mobile',
    'mobile phone',
    'phone1',
    'phone2',
  ],
  login: ['логин', 'имя пользователя', 'учетная запись', 'username', 'user name', 'login'],
  organisation: [
    'образовательное учреждение',
    'образовательная организация',
    'учреждение',
    'организация',
    'место работы',
    'оо',
    'оу',
    'доу',
    'школа',
    'наименование учреждения',
    'наименование организации',
    'наименование оо',
    'наименование оу',
    'название учреждения',
    'название организации',
    'наименование образовательной организации',
    'наименование образовательного учреждения',
    'место работы учреждение',
    'organisation',
    'organization',
    'institution',
    'school',
    'employer',
    'company',
    'workplace',
  ],
  department: [
    'подразделение',
    'структурное подразделение',
    'отдел',
    'отделение',
    'кафедра',
    'department',
    'unit',
    'division',
  ],
  position: [
    'должность',
    'занимаемая должность',
    'должность по штатному расписанию',
    'наименование должности',
    'position',
    'job title',
    'job',
    'post',
  ],
  startDate: [
    'дата приема',
    'дата приема на работу',
    'дата начала работы',
    'дата трудоустройства',
    'дата поступления на работу',
    'принят на работу',
    'принят',
    'работает с',
    'начало работы',
    'start date',
    'hire date',
    'hired',
    'date hired',
    'employed since',
    'employment date',
  ],
  endDate: ['дата увольнения', 'уволен', 'дата окончания работы', 'end date', 'leave date', 'termination date'],
  experience: [
    'педагогический стаж',
    'педагогический стаж лет',
    'стаж педагогической работы',
    'пед стаж',
    'педстаж',
    'стаж',
    'стаж лет',
    'стаж работы',
    'стаж полных лет',
    'experience',
    'years of experience',
    'teaching experience',
    'experience years',
  ],
  category: ['категория слушателя', 'категория слушателей', 'категория участника', 'category', 'learner category'],
  deleted: ['deleted', 'удален', 'удалить', 'удаление'],
}

/** Headings of a list of organisations. */
export const ORGANISATION_HEADINGS: Record<OrganisationField, string[]> = {
  name: [
    'полное наименование',
    'полное название',
    'наименование',
    'название',
    'полное наименование учреждения',
    'полное наименование организации',
    'полное наименование оо',
    'наименование учреждения',
    'наименование организации',
    'название учреждения',
    'название организации',
    'учреждение',
    'организация',
    'образовательное учреждение',
    'образовательная организация',
    'full name',
    'full title',
    'title',
    'name',
    'organisation',
    'organization',
    'institution',
    'school',
  ],
  shortName: [
    'краткое наименование',
    'краткое название',
    'сокращенное наименование',
    'сокращенное название',
    'краткое наименование учреждения',
    'сокращенное наименование учреждения',
    'короткое название',
    'short name',
    'short title',
    'shortname',
    'abbreviation',
  ],
  kind: ['тип', 'вид', 'тип учреждения', 'вид учреждения', 'тип организации', 'вид организации', 'type', 'kind'],
  inn: ['инн', 'инн организации', 'инн учреждения', 'inn', 'tax number', 'tax id', 'taxpayer number'],
  address: [
    'адрес',
    'юридический адрес',
    'фактический адрес',
    'почтовый адрес',
    'адрес учреждения',
    'место нахождения',
    'местонахождение',
    'address',
    'postal address',
  ],
  phone: PERSON_HEADINGS.phone,
  email: PERSON_HEADINGS.email,
  website: ['сайт', 'адрес сайта', 'веб сайт', 'официальный сайт', 'website', 'site', 'web site', 'url'],
  headName: [
    'руководитель',
    'директор',
    'заведующий',
    'заведующая',
    'фио руководителя',
    'ф и о руководителя',
    'фио директора',
    'ф и о директора',
    'руководитель фио',
    'руководитель учреждения',
    'head',
    'director',
    'principal',
    'headteacher',
    'head name',
  ],
}

/** Fields whose headings tell the one kind of list from the other. */
export const TELLING_FIELDS: Record<ImportKind, readonly string[]> = {
  people: ['fullName', 'lastName', 'firstName', 'birthDate', 'position', 'experience', 'startDate', 'login'],
  organisations: ['name', 'shortName', 'inn', 'address', 'headName', 'kind', 'website'],
}

/** Headings that are known and deliberately not imported: numbering, Moodle's cohorts and passwords. */
export const IGNORED_HEADINGS = new Set([
  '№',
  '№ п п',
  'п п',
  'no',
  'n',
  'n п п',
  'номер',
  'номер по порядку',
  'id',
  'idnumber',
  'city',
  'country',
  'город',
  'password',
  'пароль',
  'auth',
  'suspended',
  'примечание',
  'примечания',
  'причина отказа',
  'reason for refusal',
  'комментарий',
])

/** What people write in a cell to say that there is nothing to write. */
export const NOTHING_WORDS = new Set([
  'нет',
  'не имеет',
  'нету',
  'отсутствует',
  'не указан',
  'не указана',
  'не указано',
  'неизвестно',
  'н/д',
  'нд',
  'б/н',
  'no',
  'none',
  'n/a',
  'na',
  'null',
  'unknown',
])

/** Ways to say "no years of experience" beside the words above. */
export const NO_EXPERIENCE =
  /^(?:без стажа|б\/с|нет стажа|молодой специалист|no experience|менее (?:1|одного) года|до (?:1|одного) года|\d{1,2} ?мес.*)$/

/** Lines under or between the rows of a list that are not rows. */
export const TOTAL_LINE =
  /^(?:итого|всего|итог|общее количество|количество|в том числе|total|grand total|sum)(?![\p{L}])/u
export const NOTE_LINE =
  /^(?:ответственн|исполнител|составил|подпись|руководитель|директор|заведующ|председател|секретарь|методист|м п|мп|примечани|тел|дата|responsible|prepared by|signature|note)(?:[\p{L} ]*)(?:[:_(/]|$)/u
export const VACANCY = /^(?:вакансия|вакантн|vacancy|vacant)/u

/** Months as people write them in dates, by the first letters. */
export const MONTHS: [RegExp, number][] = [
  [/^(?:янв|jan)/, 1],
  [/^(?:фев|feb)/, 2],
  [/^(?:мар|mar)/, 3],
  [/^(?:апр|apr)/, 4],
  [/^(?:май$|мая$|may)/, 5],
  [/^(?:июн|jun)/, 6],
  [/^(?:июл|jul)/, 7],
  [/^(?:авг|aug)/, 8],
  [/^(?:сен|sep)/, 9],
  [/^(?:окт|oct)/, 10],
  [/^(?:ноя|nov)/, 11],
  [/^(?:дек|dec)/, 12],
]

/** Words that belong to the patronymic and stay small. */
export const PATRONYMIC_PARTICLES = new Set(['оглы', 'оглу', 'кызы', 'гызы', 'кизи', 'угли', 'уулу'])

/** Words before a surname that belong to it. */
export const SURNAME_PARTICLES = new Set([
  'ван',
  'фон',
  'де',
  'да',
  'ди',
  'дер',
  'ла',
  'ле',
  'эль',
  'аль',
  'van',
  'von',
  'de',
  'der',
  'la',
])

/** Endings of Slavic patronymics. */
export const PATRONYMIC = /(?:вич|вна|ична|инична|ьич)$/

/** Extension numbers of a phone. */
export const PHONE_EXTENSION = /[,;]?\s*(?:доб(?:авочный)?\.?|вн(?:утр)?\.?|ext\.?|#)\s*:?\s*(\d{1,6})\s*$/i

/** Kinds of organisations by words in their kind or name; the first that fits is taken. */
export const ORGANISATION_KINDS: [string, RegExp][] = [
  ['kindergarten', /детск(?:ий|ого) сад|д с(?: |$)|доу(?: |$)|дошкольн|ясли|kindergarten|nursery|preschool/],
  [
    'centre',
    /методическ\S* центр|методическ\S* кабинет|имц|развития образования|повышения квалификации|methodological/,
  ],
  [
    'additional',
    /дополнительн|гбу до(?: |$)|детского творчества|дворец|центр (?:творчества|детск)|additional|supplementary|after school/,
  ],
  ['college', /колледж|техникум|училище|профессиональн|college/],
  ['school', /школ|гимнази|лице[йя]|сош|school|gymnasium|lyceum/],
  ['authority', /управлени|департамент|комитет|отдел образования|администраци|authority|board of education/],
]

/** Long forms that lists shorten, as [long, short] word keys, for comparing names of organisations. */
export const ORGANISATION_SHORTENINGS: [RegExp, string][] = [
  [/государственное бюджетное дошкольное образовательное учреждение/g, 'гбдоу'],
  [/муниципальное бюджетное дошкольное образовательное учреждение/g, 'мбдоу'],
  [/государственное бюджетное общеобразовательное учреждение/g, 'гбоу'],
  [/муниципальное бюджетное общеобразовательное учреждение/g, 'мбоу'],
  [/муниципальное автономное общеобразовательное учреждение/g, 'маоу'],
  [/государственное бюджетное профессиональное образовательное учреждение/g, 'гбпоу'],
  [/государственное бюджетное учреждение дополнительного образования/g, 'гбу до'],
  [/средняя общеобразовательная школа/g, 'сош'],
  [/основная общеобразовательная школа/g, 'оош'],
  [/детский сад/g, 'д с'],
  [/дом детского творчества/g, 'ддт'],
]
