exports.apply = (input, callback) => {
	callback(null, `Hello ${input}`);
};
