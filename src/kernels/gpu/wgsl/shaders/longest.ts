import type { RowShape } from '../row-shape.js';

/**
 * Most ratings of the workgroup's rows, or pieces of rows, of which `first` is the first: all of them
 * take as many turns, so that barriers come alike. Called by every thread, or by none.
 */
export function longestText({ rows }: RowShape): string {
  return /* wgsl */ `
var<workgroup> maxRatings: u32;

fn longestFrom(first: u32) -> u32 {
  if (thread == 0u) {
    var most = 0u;
    for (var i = first; i < min(first + ${rows}u, params.count); i++) {
      most = max(most, records[params.start + i].z);
    }
    maxRatings = most;
  }
  return workgroupUniformLoad(&maxRatings);
}
`;
}
