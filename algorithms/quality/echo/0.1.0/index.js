exports.apply = (input) => input;
