import type { OrganisationKind } from './organisations.ts'

export interface DemoPosition {
  /** Name of the position as it stands in a staff list. */
  title: string
  /** How often the position is met among the staff of such an institution. */
  weight: number
  /** Name of the department in which the position works. */
  department: string
}

const ADMINISTRATION = 'Администрация'
const SUPPORT = 'Служба сопровождения'

const table = (department: string, positions: Record<string, number>): DemoPosition[] =>
  Object.entries(positions).map(([title, weight]) => ({ title, weight, department }))

const POSITIONS: Record<OrganisationKind, DemoPosition[]> = {
  school: [
    ...table('Методическое объединение учителей начальных классов', {
      'Учитель начальных классов': 20,
      'Воспитатель группы продлённого дня': 2,
    }),
    ...table('Методическое объединение учителей гуманитарных предметов', {
      'Учитель русского языка и литературы': 9,
      'Учитель истории и обществознания': 5,
      'Учитель иностранного языка': 8,
    }),
    ...table('Методическое объединение учителей математики и информатики', {
      'Учитель математики': 8,
      'Учитель информатики': 3,
    }),
    ...table('Методическое объединение учителей естественных наук', {
      'Учитель физики': 3,
      'Учитель химии': 2,
      'Учитель биологии': 3,
      'Учитель географии': 3,
    }),
    ...table('Методическое объединение учителей искусства, труда и физической культуры', {
      'Учитель физической культуры': 5,
      'Учитель труда (технологии)': 3,
      'Учитель музыки': 2,
      'Учитель изобразительного искусства': 2,
      'Учитель основ безопасности и защиты Родины': 2,
    }),
    ...table(SUPPORT, {
      'Педагог-психолог': 2,
      'Социальный педагог': 2,
      'Учитель-логопед': 2,
      'Учитель-дефектолог': 1,
      Тьютор: 1,
      'Педагог-организатор': 2,
      'Педагог-библиотекарь': 1,
      'Педагог дополнительного образования': 2,
    }),
    ...table(ADMINISTRATION, {
      'Заместитель директора по учебно-воспитательной работе': 2,
      'Заместитель директора по воспитательной работе': 1,
      'Советник директора по воспитанию': 1,
    }),
  ],
  kindergarten: [
    ...table('Педагоги групп', { Воспитатель: 60, 'Старший воспитатель': 4 }),
    ...table('Специалисты', {
      'Музыкальный руководитель': 7,
      'Инструктор по физической культуре': 5,
      'Педагог дополнительного образования': 3,
    }),
    ...table(SUPPORT, { 'Учитель-логопед': 7, 'Педагог-психолог': 4, 'Учитель-дефектолог': 2, Тьютор: 1 }),
    ...table(ADMINISTRATION, { 'Заместитель заведующего по воспитательной работе': 2 }),
  ],
  additional: [
    ...table('Отдел детских объединений', {
      'Педагог дополнительного образования': 60,
      'Тренер-преподаватель': 9,
      Концертмейстер: 6,
    }),
    ...table('Организационно-методический отдел', { 'Педагог-организатор': 9, Методист: 8, 'Педагог-психолог': 2 }),
    ...table(ADMINISTRATION, { 'Заместитель директора по учебно-воспитательной работе': 3 }),
  ],
  college: [
    ...table('Отделение общеобразовательных дисциплин', {
      Преподаватель: 40,
      'Преподаватель-организатор основ безопасности и защиты Родины': 2,
      'Руководитель физического воспитания': 2,
    }),
    ...table('Отделение профессиональной подготовки', {
      'Преподаватель специальных дисциплин': 18,
      'Мастер производственного обучения': 20,
    }),
    ...table(SUPPORT, {
      'Педагог-психолог': 2,
      'Социальный педагог': 3,
      'Воспитатель общежития': 3,
      'Педагог-организатор': 3,
    }),
    ...table(ADMINISTRATION, { Методист: 5, 'Заместитель директора по учебной работе': 3 }),
  ],
}

/** Positions of such an institution without its head, with their weights and departments. */
export const positionsFor = (kind: OrganisationKind): DemoPosition[] => POSITIONS[kind]

/** The position of the head of such an institution. */
export const headPositionFor = (kind: OrganisationKind): DemoPosition => ({
  title: kind === 'kindergarten' ? 'Заведующий' : 'Директор',
  weight: 1,
  department: ADMINISTRATION,
})

/** Departments of such an institution, each once, in the order of a staff list: the administration first. */
export const departmentsFor = (kind: OrganisationKind): string[] => [
  ...new Set([ADMINISTRATION, ...POSITIONS[kind].map(({ department }) => department)]),
]
