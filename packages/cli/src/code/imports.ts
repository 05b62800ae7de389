/** Where each name that a printed program may use is from. */
const homes: Readonly<Record<string, readonly string[]>> = {
  'node:fs': ['readdirSync', 'readFileSync'],
  'node:path': ['join'],
  '@svo/data': ['RenderMessages', 'readRows', 'toTrlRow', 'writeRows'],
  '@svo/kernels': ['installKernels'],
  '@svo/mcts': ['dvoSearch', 'loadTree', 'searchMany', 'treeSummary', 'uniformPrior'],
  '@svo/mdp': ['blankLineFormat', 'boxedFormat', 'gsm8kFormat', 'wholeFormat'],
  '@svo/models': [
    ...['applyChatTemplate', 'applyLora', 'initLora', 'loadTokenizer', 'localPolicy', 'mergeLora', 'savePretrained'],
    ...['loadValueModel', 'saveValueNetwork', 'valueNetwork'],
  ],
  '@svo/policy': ['openaiPolicy', 'withConcurrency', 'withRetry'],
  '@svo/recipes': [
    ...[
      'answerByBeams',
      'answerQuestions',
      'drawTrees',
      'loadLearner',
      'planFor',
      'planOptimizer',
      'planRate',
      'readQuestions',
    ],
    ...['rowMaterial', 'trainPlan', 'treeMaterial'],
  ],
  '@svo/recipes/tasks': ['arc', 'countdown', 'csqa', 'game24', 'gsm8k', 'math', 'obqa', 'sciq'],
  '@svo/tensor': ['useBackend'],
  '@svo/tinker': ['tinkerPolicy', 'tinkerService', 'tinkerStart', 'tinkerStep'],
  '@svo/train': ['stopAfter', 'train'],
  '@svo/verify': ['choiceVerifier', 'countdownVerifier', 'gsm8kVerifier', 'mathVerifier'],
};

/** Of those, the types. */
const types: readonly string[] = ['RenderMessages'];

/** The imports of what a program uses, and of nothing else. */
export const imports = (body: string): string =>
  Object.entries(homes)
    .map(([home, names]) => {
      // A task's name is a word that may stand in a file's name: there nothing is asked of it.
      const behind = home.endsWith('/tasks') ? '\\.(?:read|template)\\b' : '\\b';
      const used = names.filter((name) => new RegExp(`(?<![.\\w])${name}${behind}`).test(body));
      const shown = used.map((name) => (types.includes(name) ? `type ${name}` : name));
      return used.length === 0 ? '' : `import { ${shown.join(', ')} } from '${home}';\n`;
    })
    .join('');
