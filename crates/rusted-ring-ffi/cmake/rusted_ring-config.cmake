# The CMake package of rusted-ring: find_package(rusted_ring), then link rusted_ring::rusted_ring, which is the shared library, or rusted_ring::static.
#
# It looks for the header and the libraries from where it lies itself, so that the whole installation may be moved.

set(_rusted_ring_prefix "${CMAKE_CURRENT_LIST_DIR}")
foreach(_rusted_ring_up RANGE 5)
  if(EXISTS "${_rusted_ring_prefix}/include/rusted_ring.h")
    break()
  endif()
  get_filename_component(_rusted_ring_prefix "${_rusted_ring_prefix}" DIRECTORY)
endforeach()

find_path(rusted_ring_INCLUDE_DIR rusted_ring.h PATHS "${_rusted_ring_prefix}/include" NO_DEFAULT_PATH NO_CACHE)
# Some systems put libraries into a directory of the processor's name.
file(GLOB _rusted_ring_directories "${_rusted_ring_prefix}/lib" "${_rusted_ring_prefix}/lib64" "${_rusted_ring_prefix}/lib/*-*")
find_library(rusted_ring_SHARED NAMES librusted_ring.so PATHS ${_rusted_ring_directories} NO_DEFAULT_PATH NO_CACHE)
find_library(rusted_ring_STATIC NAMES librusted_ring.a PATHS ${_rusted_ring_directories} NO_DEFAULT_PATH NO_CACHE)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(rusted_ring REQUIRED_VARS rusted_ring_INCLUDE_DIR rusted_ring_SHARED)

if(rusted_ring_FOUND AND NOT TARGET rusted_ring::rusted_ring)
  add_library(rusted_ring::rusted_ring SHARED IMPORTED)
  set_target_properties(rusted_ring::rusted_ring PROPERTIES
    IMPORTED_LOCATION "${rusted_ring_SHARED}"
    INTERFACE_INCLUDE_DIRECTORIES "${rusted_ring_INCLUDE_DIR}")
  if(rusted_ring_STATIC)
    find_package(Threads REQUIRED)
    add_library(rusted_ring::static STATIC IMPORTED)
    set_target_properties(rusted_ring::static PROPERTIES
      IMPORTED_LOCATION "${rusted_ring_STATIC}"
      INTERFACE_INCLUDE_DIRECTORIES "${rusted_ring_INCLUDE_DIR}"
      INTERFACE_LINK_LIBRARIES "Threads::Threads;${CMAKE_DL_LIBS};m;rt;util;gcc_s")
  endif()
endif()
