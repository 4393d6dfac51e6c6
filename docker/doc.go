// Package docker holds the images of docker-compose.yml. There is no Go code in it but the test that holds the compose
// file to what can be checked without Docker.
package docker
