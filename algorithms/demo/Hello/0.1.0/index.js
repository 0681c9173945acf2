exports.apply = function (input, callback) {
  callback(null, 'Hello ' + input)
}
