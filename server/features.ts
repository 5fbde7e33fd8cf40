import type { Feature } from './core/feature.ts'
import { accounts } from './features/accounts/index.ts'
import { administration } from './features/administration/index.ts'
import { audit } from './features/audit/index.ts'
import { backups } from './features/backups/index.ts'
import { cohorts } from './features/cohorts/index.ts'
import { dictionaries } from './features/dictionaries/index.ts'
import { employees } from './features/employees/index.ts'
import { enrolments } from './features/enrolments/index.ts'
import { files } from './features/files/index.ts'
import { help } from './features/help/index.ts'
import { home } from './features/home/index.ts'
import { imports } from './features/imports/index.ts'
import { journals } from './features/journals/index.ts'
import { learningRoutes } from './features/learning-routes/index.ts'
import { notices } from './features/notices/index.ts'
import { operations } from './features/operations/index.ts'
import { organisations } from './features/organisations/index.ts'
import { people } from './features/people/index.ts'
import { privacy } from './features/privacy/index.ts'
import { programmes } from './features/programmes/index.ts'
import { progress } from './features/progress/index.ts'
import { rights } from './features/rights/index.ts'
import { search } from './features/search/index.ts'
import { settings } from './features/settings/index.ts'
import { tracking } from './features/tracking/index.ts'
import { visibility } from './features/visibility/index.ts'

/** The system is this list. */
export const features: readonly Feature[] = [
  // One a line, so that two new features do not meet in one line.
  accounts,
  administration,
  organisations,
  people,
  dictionaries,
  rights,
  settings,
  audit,
  backups,
  privacy,
  operations,
  programmes,
  cohorts,
  enrolments,
  // Ticks before sums are counted.
  tracking,
  progress,
  home,
  employees,
  learningRoutes,
  journals,
  imports,
  notices,
  files,
  help,
  search,
  visibility,
]
