import { insertRow, toJson } from '../../core/db/index.ts'
import { nowUtc } from '../../core/time.ts'
import { makeMilestone, makeModule, makeTopic } from '../../testing/builders.ts'
import type { MatrixRow } from '../../testing/matrix.ts'
import type { Half, Role } from '../../testing/world.ts'

// The instructor of the world teaches a group: such a person reads the programme and writes the content of the module.
const VIEW: Role[] = ['instructor', 'methodist', 'administrator']
const READ: Role[] = ['learner', ...VIEW]
const EDIT: Role[] = ['methodist', 'administrator']
const CONTENT: Role[] = ['instructor', ...EDIT]
const CREATE: Role[] = ['administrator']

const title = { ru: 'Название', en: 'Title' }
const text = { ru: '<p>Текст</p>' }
const stamps = () => ({ created_at: nowUtc(), updated_at: nowUtc() })

const makeStage = (half: Half) =>
  insertRow('programme_stages', { programme_id: half.programme, position: 1, title: toJson(title) })
const makeTemplate = async (half: Half) => {
  const row = { programme_id: half.programme, title: toJson(title), description: toJson({}) }
  const id = await insertRow('route_templates', row)
  await insertRow('route_template_topics', { template_id: id, topic_id: half.topic })
  return id
}
const makeMaterial = async (half: Half) => {
  const row = { kind: 'article', title: toJson(title), body: toJson(text), ...stamps() }
  const id = await insertRow('materials', row)
  await insertRow('material_links', { material_id: id, owner_type: 'topic', owner_id: half.topic, position: 1 })
  return id
}

const programme =
  (path = '') =>
  (half: Half) =>
    `/programmes/${half.programme}${path}`
const module =
  (path = '') =>
  (half: Half) =>
    `/modules/${half.module}${path}`
const topic =
  (path = '') =>
  (half: Half) =>
    `/topics/${half.topic}${path}`
const stage = (path: string) => async (half: Half) =>
  `/programmes/${half.programme}/stages/${await makeStage(half)}${path}`
const material =
  (path = '') =>
  async (half: Half) =>
    `/materials/${await makeMaterial(half)}${path}`
const template =
  (path = '') =>
  async (half: Half) =>
    `/route-templates/${await makeTemplate(half)}${path}`
const freshModule = (path: string) => async (half: Half) =>
  `/modules/${await makeModule({ programme_id: half.programme })}${path}`
const freshTopic = (path: string) => async (half: Half) =>
  `/topics/${await makeTopic({ module_id: half.module })}${path}`
const freshMilestone =
  (path = '') =>
  async (half: Half) =>
    `/milestones/${await makeMilestone({ programme_id: half.programme })}${path}`

type Path = MatrixRow['path']
const get = (route: string, path: Path, may: Role[]): MatrixRow => ({ route: `GET /${route}`, path, may })
const post = (
  route: string,
  path: Path,
  may: Role[],
  body: MatrixRow['body'] = () => ({}),
  upload = false,
): MatrixRow => ({ route: `POST /${route}`, path, may, body, upload })

const version = () => ({ version: 1 })
const up = () => ({ direction: 'up' })
const moduleForm = { title, aim: text, hours: 8 }
const topicForm = { title, hours: 4, format: 'seminar' }
const milestoneForm = { kind: 'manual', title, requiredCount: 1, required: '1' }
const materialForm = { kind: 'article', title, body: text }

const rows: MatrixRow[] = [
  get('programmes', '/programmes', VIEW),
  get('programmes/new', '/programmes/new', CREATE),
  post('programmes', '/programmes', CREATE, () => ({ title, hours: 72 })),
  get('programmes/import', '/programmes/import', CREATE),
  post('programmes/import', '/programmes/import', CREATE, () => ({ file: new Blob(['{}']) }), true),
  get('programmes/:id', programme(), VIEW),
  get('programmes/:id/edit', programme('/edit'), EDIT),
  post('programmes/:id', programme(), EDIT, () => ({ title, hours: 72, approval: 'none', version: 1 })),
  post('programmes/:id/state', programme('/state'), EDIT, () => ({ state: 'archived', version: 1 })),
  get('programmes/:id/copy', programme('/copy'), CREATE),
  post('programmes/:id/copy', programme('/copy'), CREATE, () => ({ title })),
  get('programmes/:id/export', programme('/export'), EDIT),
  get('programmes/:id/file', programme('/file'), EDIT),

  get('programmes/:id/stages/new', programme('/stages/new'), EDIT),
  post('programmes/:id/stages', programme('/stages'), EDIT, () => ({ title, version: 1 })),
  post('programmes/:id/stages/order', programme('/stages/order'), EDIT, () => ({ order: [1] })),
  get('programmes/:id/stages/:stage/edit', stage('/edit'), EDIT),
  post('programmes/:id/stages/:stage', stage(''), EDIT, () => ({ title, version: 1 })),
  post('programmes/:id/stages/:stage/delete', stage('/delete'), EDIT, version),
  post('programmes/:id/stages/:stage/move', stage('/move'), EDIT, up),

  get('programmes/:id/modules/new', programme('/modules/new'), EDIT),
  post('programmes/:id/modules', programme('/modules'), EDIT, () => moduleForm),
  post('programmes/:id/order', programme('/order'), EDIT, () => ({ order: [1] })),
  get('modules/:id', module(), READ),
  get('modules/:id/edit', module('/edit'), CONTENT),
  post('modules/:id', module(), EDIT, () => ({ ...moduleForm, version: 1 })),
  post('modules/:id/aim', module('/aim'), CONTENT, () => ({ aim: text, version: 1 })),
  get('modules/:id/remove', module('/remove'), EDIT),
  post('modules/:id/remove', freshModule('/remove'), EDIT, version),
  post('modules/:id/restore', freshModule('/restore'), EDIT, version),
  post('modules/:id/move', freshModule('/move'), EDIT, up),

  get('modules/:id/topics/new', module('/topics/new'), CONTENT),
  post('modules/:id/topics', module('/topics'), CONTENT, () => topicForm),
  post('modules/:id/order', module('/order'), CONTENT, () => ({ order: [1] })),
  get('topics/:id', topic(), READ),
  get('topics/:id/edit', topic('/edit'), CONTENT),
  post('topics/:id', topic(), CONTENT, () => ({ ...topicForm, version: 1 })),
  get('topics/:id/remove', topic('/remove'), CONTENT),
  post('topics/:id/remove', freshTopic('/remove'), CONTENT, version),
  post('topics/:id/restore', freshTopic('/restore'), CONTENT, version),
  post('topics/:id/move', freshTopic('/move'), CONTENT, up),

  get('modules/:id/materials/new', module('/materials/new'), CONTENT),
  post('modules/:id/materials', module('/materials'), CONTENT, () => materialForm, true),
  post('modules/:id/materials/order', module('/materials/order'), CONTENT),
  get('topics/:id/materials/new', topic('/materials/new'), CONTENT),
  post('topics/:id/materials', topic('/materials'), CONTENT, () => materialForm, true),
  post('topics/:id/materials/order', topic('/materials/order'), CONTENT),
  post('materials/pictures', '/materials/pictures', CONTENT, () => ({}), true),
  get('materials/:id', material(), READ),
  get('materials/:id/edit', material('/edit'), CONTENT),
  post('materials/:id', material(), CONTENT, () => ({ ...materialForm, version: 1 }), true),
  get('materials/:id/remove', material('/remove'), CONTENT),
  post('materials/:id/remove', material('/remove'), CONTENT),
  post('materials/:id/move', material('/move'), CONTENT, up),

  get('programmes/:id/milestones', programme('/milestones'), VIEW),
  get('programmes/:id/milestones/new', programme('/milestones/new'), EDIT),
  post('programmes/:id/milestones', programme('/milestones'), EDIT, () => milestoneForm),
  post('programmes/:id/milestones/order', programme('/milestones/order'), EDIT, () => ({ order: [1] })),
  get('milestones/:id/edit', freshMilestone('/edit'), EDIT),
  post('milestones/:id', freshMilestone(), EDIT, () => ({ ...milestoneForm, version: 1 })),
  get('milestones/:id/remove', freshMilestone('/remove'), EDIT),
  post('milestones/:id/remove', freshMilestone('/remove'), EDIT, version),
  post('milestones/:id/restore', freshMilestone('/restore'), EDIT, version),
  post('milestones/:id/move', freshMilestone('/move'), EDIT, up),

  get('programmes/:id/route-templates', programme('/route-templates'), VIEW),
  get('programmes/:id/route-templates/new', programme('/route-templates/new'), EDIT),
  post('programmes/:id/route-templates', programme('/route-templates'), EDIT, (half) => ({
    title,
    topics: [half.topic],
  })),
  post('programmes/:id/route-templates/order', programme('/route-templates/order'), EDIT, () => ({ order: [1] })),
  get('route-templates/:id/edit', template('/edit'), EDIT),
  post('route-templates/:id', template(), EDIT, (half) => ({ title, topics: [half.topic], version: 1 })),
  get('route-templates/:id/remove', template('/remove'), EDIT),
  post('route-templates/:id/remove', template('/remove'), EDIT),
  post('route-templates/:id/move', template('/move'), EDIT, up),
]
export default rows
