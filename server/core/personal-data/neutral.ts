import { translator } from '../i18n/index.ts'
import { settingAsSeen } from '../settings.ts'
import { fold, fullName } from '../text.ts'

const words = () => translator(settingAsSeen('authority').defaultLanguage)

/** What stands in place of the name of a person who was erased: "Участник № 17". */
export const neutralName = (personId: number) => ({
  last_name: words()('privacy.neutral.word'),
  first_name: words()('privacy.neutral.number', { number: personId }),
})

export const neutralText = (personId: number): string => fullName(neutralName(personId))
export const neutralSortName = (personId: number): string => fold(neutralText(personId))

/** For texts that must not be empty. */
export const BLANK = '—'
