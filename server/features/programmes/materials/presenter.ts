import { saySize } from '../../../core/files/present.ts'
import { limitOf } from '../../../core/files/uses.ts'
import type { Form } from '../../../core/http/forms.ts'
import type { Format } from '../../../core/i18n/format.ts'
import type { Translate } from '../../../core/i18n/index.ts'
import type { OwnedMaterial } from '../modules/queries.ts'
import { MATERIAL_KINDS } from '../programme-file.ts'
import { htmlOf, joined, textsOf, words } from '../words.ts'
import type { MaterialInPlace, Owner } from './queries.ts'

const ICONS = { article: 'file-text', link: 'link', video: 'video', file: 'paperclip' } as const

/** Materials of a module or topic as a list to open; editors get the means to order them. */
export const presentMaterials = (
  t: Translate,
  format: Format,
  lang: string,
  owner: { type: 'module' | 'topic'; id: number },
  materials: readonly OwnedMaterial[],
  canEdit: boolean,
) => ({
  canEdit,
  addHref: `/${owner.type}s/${owner.id}/materials/new`,
  sortUrl: `/${owner.type}s/${owner.id}/materials/order`,
  items: materials.map((material, at) => ({
    id: material.id,
    href: `/materials/${material.id}`,
    icon: ICONS[material.kind],
    title: words(material.title, lang),
    meta: joined(
      t(`programmes.materialKind.${material.kind}`),
      material.minutes !== null && t('programmes.count.minutes', { count: material.minutes }),
      material.size !== null && saySize(t, format, Number(material.size)),
    ),
    first: at === 0,
    last: at === materials.length - 1,
  })),
})

type Sibling = { id: number; title: string }

/** A material to be read, with what comes before and after it in the same place. */
export function presentMaterial(
  t: Translate,
  format: Format,
  lang: string,
  material: MaterialInPlace,
  siblings: readonly Sibling[],
  canEdit: boolean,
) {
  const at = siblings.findIndex((sibling) => sibling.id === material.id)
  const neighbour = (sibling: Sibling | undefined) =>
    sibling && { href: `/materials/${sibling.id}`, title: words(sibling.title, lang) }
  const ownerTitle = words(material.topic_title ?? material.module_title, lang)
  return {
    id: material.id,
    canEdit,
    kind: material.kind,
    meta: joined(
      t(`programmes.materialKind.${material.kind}`),
      material.minutes !== null && t('programmes.count.minutes', { count: material.minutes }),
      t('programmes.material.changed', { date: format.date(format.civil(material.updated_at)) }),
    ),
    bodyHtml: htmlOf(t, material.body, lang),
    url: material.url,
    host: material.url && /^https?:/i.test(material.url) ? hostOf(material.url) : '',
    back: { href: `/${material.owner_type}s/${material.owner_id}`, title: ownerTitle },
    previous: neighbour(siblings[at - 1]),
    next: at < 0 ? undefined : neighbour(siblings[at + 1]),
  }
}

const hostOf = (url: string) => (URL.canParse(url) ? new URL(url).hostname : '')

export const formValues = (material: MaterialInPlace): Form['values'] => ({
  kind: material.kind,
  title: textsOf(material.title),
  body: textsOf(material.body),
  url: material.url,
  minutes: material.minutes,
  version: material.version,
})

export function presentForm(t: Translate, lang: string, form: Form, owner: Owner, material?: MaterialInPlace) {
  const kind = material?.kind ?? (MATERIAL_KINDS.find((name) => name === form.values.kind) || 'article')
  const newHref = `/${owner.type}s/${owner.id}/materials/new`
  return {
    form,
    kind,
    isNew: !material,
    action: material ? `/materials/${material.id}` : `/${owner.type}s/${owner.id}/materials`,
    cancelHref: material ? `/materials/${material.id}` : `/${owner.type}s/${owner.id}`,
    kinds: MATERIAL_KINDS.map((name) => ({
      href: `${newHref}?kind=${name}`,
      label: t(`programmes.materialKind.${name}`),
      icon: ICONS[name],
      active: name === kind,
    })),
    fileName: material?.file_name ?? '',
    mostMegabytes: limitOf('material'),
    ownerTitle: words(owner.title, lang),
  }
}
