import fc from 'fast-check';

// The same cases for every mutant, and no search for the smallest case that fails.
fc.configureGlobal({ seed: 20_260_101, endOnFailure: true });
