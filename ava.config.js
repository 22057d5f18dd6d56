export default {
  files: ['build/test/**/*.test.js'],
  timeout: '2m',
  // Tests look at the handles and the signals of their own process.
  workerThreads: false,
};
