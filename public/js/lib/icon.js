const SVG = 'http://www.w3.org/2000/svg'

/** An icon of the sprite, as views/shared/icon.ejs prints it. */
export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg')
  svg.setAttribute('class', 'icon')
  svg.setAttribute('aria-hidden', 'true')
  svg.setAttribute('focusable', 'false')
  const use = document.createElementNS(SVG, 'use')
  use.setAttribute('href', `/img/icons.svg#${name}`)
  svg.append(use)
  return svg
}

/** Changes which icon an <svg class="icon"> shows. */
export function setIcon(svg, name) {
  svg.querySelector('use')?.setAttribute('href', `/img/icons.svg#${name}`)
}
