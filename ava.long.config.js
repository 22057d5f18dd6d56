import quick from './ava.config.js';

export default { ...quick, files: ['build/test/**/*.long.js'], timeout: '20m' };
