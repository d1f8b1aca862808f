# The image of the end-to-end suite's own tasks: their project, under the path that it has on this machine, on the image
# of the plugin that it uses.
ARG PLUGIN_IMAGE
FROM ${PLUGIN_IMAGE}
ARG PROJECT
USER 0
COPY . ${PROJECT}
# The project lies elsewhere than the working folder, below which the packages would be found.
RUN ln -s /flyte/node_modules /node_modules
USER 1000:1000
