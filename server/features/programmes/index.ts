import type { Feature } from '../../core/feature.ts'
import { hasAnywhere } from '../../core/rights/index.ts'
import { explanations } from './explanations.ts'
import { mayReadMaterial } from './materials/queries.ts'
import { materialRoutes } from './materials/router.ts'
import { forgetPictures, PENDING_PICTURE } from './materials/service.ts'
import { milestoneRoutes } from './milestones/router.ts'
import { moduleRoutes } from './modules/router.ts'
import { programmeData } from './personal-data.ts'
import { routeTemplateRoutes } from './route-templates/router.ts'
import { programmeRoutes } from './router.ts'
import { programmeSearch } from './search.ts'
import { stageRoutes } from './stages/router.ts'
import { topicRoutes } from './topics/router.ts'
import { MOST_IMPORT_MEGABYTES } from './transfer/import-file.ts'
import { transferRoutes } from './transfer/router.ts'

/** Programmes with their modules, topics, materials, milestones and recommended routes. */
export const programmes: Feature = {
  name: 'programmes',
  personalData: programmeData,
  permissions: {
    'programmes.view': { roles: ['methodist', 'instructor'] },
    'programmes.edit': { roles: ['methodist'] },
    'modules.edit': { roles: ['methodist', 'instructor'] },
    'materials.view': { roles: ['methodist', 'instructor', 'learner'] },
  },
  routes: (routes) => {
    // Before the programmes: "import" would else be taken for a number.
    transferRoutes(routes)
    programmeRoutes(routes)
    stageRoutes(routes)
    moduleRoutes(routes)
    topicRoutes(routes)
    materialRoutes(routes)
    milestoneRoutes(routes)
    routeTemplateRoutes(routes)
  },
  navigation: [{ key: 'programmes.nav', href: '/programmes', icon: 'books', order: 40, permission: 'programmes.view' }],
  search: programmeSearch,
  explanations,
  housekeeping: [{ name: 'programmes.pictures', clean: forgetPictures }],
  fileUses: {
    // Presentations and short videos; long films belong behind a link.
    material: { label: 'programmes.files.material', megabytes: 500, room: 'authority' },
    picture: { label: 'programmes.files.picture', megabytes: 15, room: 'authority' },
    programme: {
      label: 'programmes.files.programme',
      megabytes: MOST_IMPORT_MEGABYTES,
      most: MOST_IMPORT_MEGABYTES,
      room: 'authority',
    },
  },
  fileOwners: {
    material: mayReadMaterial,
    [PENDING_PICTURE]: async (actor, ownerId) => actor.personId === ownerId && hasAnywhere(actor, 'modules.edit'),
  },
}
