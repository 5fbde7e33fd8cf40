/** Checks of the words of a programme file: nothing that a learner opens is empty, and each language is complete. */

import type { ProgrammeFile, ProgrammeFileMaterial } from './programme-file.ts'
import type { Path, Report } from './programme-file-check.ts'

/** Reports articles without a text, links and videos without an address. */
export function checkMaterials(file: ProgrammeFile, report: Report): void {
  const check = (material: ProgrammeFileMaterial, path: Path): void => {
    const written = Object.values(material.body).some((text) => text.trim() !== '')
    if (material.kind === 'article' && !written) report('material.body_missing', [...path, 'body'])
    const address = material.kind === 'link' || material.kind === 'video'
    if (address && material.url === null) report('material.url_missing', [...path, 'url'])
  }
  file.programme.modules.forEach((module, m) => {
    const path = ['programme', 'modules', m]
    module.topics.forEach((topic, t) => {
      topic.materials.forEach((material, i) => {
        check(material, [...path, 'topics', t, 'materials', i])
      })
    })
    module.materials.forEach((material, i) => {
      check(material, [...path, 'materials', i])
    })
  })
}

/** A text that exists in some language must exist in each language that the file declares. */
export function checkLanguages(file: ProgrammeFile, report: Report): void {
  const declared = file.languages
  const text = (texts: Record<string, string> | null, path: Path): void => {
    const has = (language: string) => (texts?.[language] ?? '').trim() !== ''
    if (!Object.keys(texts ?? {}).some(has)) return
    for (const language of declared) if (!has(language)) report('translation.missing', path, { language })
  }
  const material = ({ title, body }: ProgrammeFileMaterial, path: Path): void => {
    text(title, [...path, 'title'])
    text(body, [...path, 'body'])
  }
  const { programme } = file
  const root = ['programme']
  text(programme.title, [...root, 'title'])
  text(programme.description, [...root, 'description'])
  programme.stages.forEach(({ title }, i) => {
    text(title, [...root, 'stages', i, 'title'])
  })
  programme.modules.forEach((module, m) => {
    const path = [...root, 'modules', m]
    text(module.title, [...path, 'title'])
    text(module.aim, [...path, 'aim'])
    module.topics.forEach((topic, t) => {
      const place = [...path, 'topics', t]
      text(topic.title, [...place, 'title'])
      text(topic.description, [...place, 'description'])
      text(topic.place, [...place, 'place'])
      topic.materials.forEach((item, i) => {
        material(item, [...place, 'materials', i])
      })
    })
    module.materials.forEach((item, i) => {
      material(item, [...path, 'materials', i])
    })
  })
  programme.milestones.forEach(({ title, hint }, i) => {
    text(title, [...root, 'milestones', i, 'title'])
    text(hint, [...root, 'milestones', i, 'hint'])
  })
  programme.routeTemplates.forEach(({ title, description }, i) => {
    text(title, [...root, 'routeTemplates', i, 'title'])
    text(description, [...root, 'routeTemplates', i, 'description'])
  })
}
