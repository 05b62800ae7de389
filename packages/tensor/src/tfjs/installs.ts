/** What a backend needs beside this package, as npm is told to install it. */
export const installs = {
  wasm: '@tensorflow/tfjs-backend-wasm@4.22.0',
  webgpu: '@tensorflow/tfjs-backend-webgpu@4.22.0 webgpu@0.6.2',
  tensorflow: '@tensorflow/tfjs-node@4.22.0',
  'tensorflow-gpu': '@tensorflow/tfjs-node-gpu@4.22.0',
} as const;
