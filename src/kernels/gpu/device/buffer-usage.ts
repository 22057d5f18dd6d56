/** Flags of `GPUBufferUsage`, which Node does not have as a global. WebGPU, section 5.1.2. */
export const bufferUsage = Object.freeze({
  mapRead: 0x01,
  mapWrite: 0x02,
  copySource: 0x04,
  copyTarget: 0x08,
  uniform: 0x40,
  storage: 0x80,
  indirect: 0x100,
  queryResolve: 0x200,
});

/** Flag of `GPUMapMode`: to read. */
export const mapToRead = 1;
